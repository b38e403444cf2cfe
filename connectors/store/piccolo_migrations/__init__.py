"""Migrations of the connectors, hand-written."""
