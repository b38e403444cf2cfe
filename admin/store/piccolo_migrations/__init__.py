"""Migrations of the workshop, hand-written."""
