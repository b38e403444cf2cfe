"""Errors of the administrators' pages. The docstring is the default message; `server.problems` gives each its
answer.
"""


class AdminError(Exception):
    """Something an administrator asked for cannot be done."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__ or "")


class DraftChanged(AdminError):
    """Expected the draft as you opened it, but a colleague has saved it since."""

    def __init__(self, saved_by_name: str) -> None:
        super().__init__()
        self.saved_by_name = saved_by_name


class FileUnknown(AdminError):
    """Expected a file of this procedure, but it has none of this name."""
