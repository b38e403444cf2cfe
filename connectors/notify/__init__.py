"""Notify: writes at once to the department that has a case."""
