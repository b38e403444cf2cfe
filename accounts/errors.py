"""What can go wrong with people and access. The docstring of each class is its default message; attributes carry
ids, never names."""

from datetime import datetime
from uuid import UUID


class AccountsError(Exception):
    """Something about an account did not go as expected."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class PersonUnknown(AccountsError):
    """Expected a person of the town but nobody has this id or address."""

    def __init__(self, person_id: UUID | None = None) -> None:
        super().__init__()
        self.person_id = person_id


class EmailTaken(AccountsError):
    """Expected a new e-mail address but a person already has it."""


class EmailInvalid(AccountsError):
    """Expected an e-mail address such as name@example.org."""


class DepartmentUnknown(AccountsError):
    """Expected a department of the town but none has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"Expected a department of the town but none is called “{slug}”.")
        self.slug = slug


class PasswordRefused(AccountsError):
    """Expected a longer or less common password."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class SignInRefused(AccountsError):
    """The e-mail address or the password is wrong, or the account is closed."""


class ResetExpired(AccountsError):
    """This password link has been used already, or is older than one hour."""


class TooManyTries(AccountsError):
    """Too many tries: wait before the next one."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__()
        self.retry_at = retry_at


class NotAllowed(AccountsError):
    """The viewer is known, but may not do this."""


class ClientUnknown(AccountsError):
    """Expected a client of the API but none has this id."""


class ClientRefused(AccountsError):
    """Expected a name, a department and at least one scope for the client of the API."""


class AbsenceTwice(AccountsError):
    """Expected days on which nobody has said yet that they are away."""


class AbsenceRefused(AccountsError):
    """Expected somebody of the town, another one to take their place, and a last day that is not before the first."""
