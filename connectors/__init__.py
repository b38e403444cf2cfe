"""Connectors: floor 4, what reaches the world outside for a case: catalogue, runner, one folder per connector."""
