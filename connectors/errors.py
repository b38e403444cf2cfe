"""Errors of the connectors: one tree. Their messages are read by administrators on a blocked case: plain words, no
addresses.

The two families of the contract, `BusinessError` and `TryLater`, are in `engine.connector`.
"""


class ConnectorError(Exception):
    """The connector could not do its work."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class InputMissing(ConnectorError):
    """Expected an input that the element does not give."""


class LetterMissing(ConnectorError):
    """Expected a letter of the procedure, but it has none of this name."""


class LetterBroken(ConnectorError):
    """Expected a subject on the first line and placeholders like {{ answers.name }}, but the letter has something
    else."""


class MailServerUnreachable(ConnectorError):
    """The mail server does not answer. Check that it runs, and its address in the settings."""


class MailServerRefused(ConnectorError):
    """The mail server refuses to take our messages. Check the user, the password and the sender in the settings."""


class LayoutUnknown(ConnectorError):
    """Expected one of the layouts: letter, slip, order."""


class PressFailed(ConnectorError):
    """The document could not be laid out within its limits."""


class TemplateBroken(ConnectorError):
    """Expected an element template with a job type, but this file is not one."""
