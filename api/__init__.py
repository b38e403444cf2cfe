"""API: floor 5, machine clients. Never imports web."""
