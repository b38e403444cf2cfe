"""Hand-written migrations of the desk, forward-compatible."""
