"""Errors of the server floor: what an operator can mend. Messages say what was expected and what to do next."""

from pathlib import Path


class ServerError(Exception):
    """Expected Parvis to start, but something on this machine prevents it."""


class SettingRefused(ServerError):
    """Expected a valid setting, but this one cannot be used."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"Expected {name} to be {expected}, but it is not. Correct it (docs/reference/settings.md).")
        self.name = name


class EmbeddedStartFailed(ServerError):
    """Expected the embedded databases to start, but they did not."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        hint = f" Read {log}." if log else ""
        super().__init__(
            f"Expected the embedded databases to start, but {reason}.{hint} `parvis doctor` checks this machine."
        )


class DatabaseUnreachable(ServerError):
    """Expected PostgreSQL to answer, but it does not."""


class TransactionDoomed(ServerError):
    """Expected every verb joined to this transaction to succeed, but one failed and its error was swallowed."""


class MigrationRefused(ServerError):
    """Expected a floor's migrations to be importable, but one is not."""
