"""Agenda: checks, options, books and frees rooms for a case."""
