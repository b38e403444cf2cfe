"""Migrations of the API, hand-written."""
