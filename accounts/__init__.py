"""Accounts: people, departments, sessions, permissions. Floor 1: knows nothing of cases, forms, HTTP or screens."""
