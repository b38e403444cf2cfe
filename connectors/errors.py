"""Errors of the connectors: one tree. Their messages are read by administrators on a blocked case: plain words, no
addresses.

The two families of the contract, `BusinessError` and `TryLater`, are in `engine.connector`.
"""

from engine.connector import Failure
from engine.feel.sentences import Sentence


class ConnectorError(Failure):
    """The connector could not do its work."""

    of_connection = False
    """Whether the other side or its settings are to blame: then its connection rests before the next try."""

    def __init__(self, message: Sentence | str = "") -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").split()))


class ConnectionFault(ConnectorError):
    """The other side, or how we reach it, failed."""

    of_connection = True


class InputMissing(ConnectorError):
    """Expected an input that the element does not give."""


class LetterMissing(ConnectorError):
    """Expected a letter of the procedure, but it has none of this name."""


class LetterBroken(ConnectorError):
    """Expected a subject on the first line and placeholders like {{ answers.name }}, but the letter has something
    else."""


class MailServerUnreachable(ConnectionFault):
    """The mail server does not answer. Check that it runs, and its address in the settings."""


class MailServerGarbled(ConnectionFault):
    """The mail server answered something that cannot be read. Check that it is a mail server, and its address and port
    in the connection."""


class MailServerRefused(ConnectionFault):
    """The mail server refuses to take our messages. Check the user, the password and the sender in the settings."""


class MailLoginRefused(MailServerRefused):
    """The mail server refuses our account. Check the user and the password."""


class MailSenderRefused(MailServerRefused):
    """The mail server refuses the sender. Check the sender's address, and that this account may write in its name."""


class LayoutUnknown(ConnectorError):
    """Expected one of the layouts: letter, slip, order."""


class PressFailed(ConnectorError):
    """The document could not be laid out within its limits."""


class TemplateBroken(ConnectorError):
    """Expected an element template with a job type, but this file is not one."""


class HostNotAllowed(ConnectionFault):
    """The address to call is not among those that the connection allows. Add its host to the connection, or correct the
    address."""


class AddressForbidden(ConnectionFault):
    """The address to call leads inside a private network, which Parvis refuses. Ask whoever runs the server to open
    this network if it must be called."""


class NameUnknown(ConnectionFault):
    """The name of the server is unknown. Check the address in the connection."""


class ServerUnreachable(ConnectionFault):
    """The server does not answer, or hung up. Check that it runs, and its address in the connection."""


class ServerTooSlow(ConnectionFault):
    """The server did not answer in time."""


class CertificateRefused(ConnectionFault):
    """The server could not prove who it is: its certificate is not valid."""


class RedirectRefused(ConnectionFault):
    """The server sends us to another address, which is not followed. Put the final address in the connection."""


class AnswerTooLarge(ConnectionFault):
    """The server answered more than Parvis reads."""


class AnswerGarbled(ConnectionFault):
    """The server answered something that cannot be read."""


class SignatureRefused(ConnectorError):
    """The signature is missing, wrong or too old."""


class ConnectionMissing(ConnectorError):
    """The connection that this step uses does not exist or is switched off. Set it up under Connections."""


class ConnectionIncomplete(ConnectionFault):
    """The connection lacks a value. Fill it in under Connections."""


class ServerFailed(ConnectionFault):
    """The server answered that it failed. Ask whoever runs it."""


class CredentialsRefused(ConnectionFault):
    """The server refuses our credentials. Check the account and the secret in the connection."""


class VaultLocked(ConnectorError):
    """The secrets of this connection were encrypted with a key that is not there any more. Bring the key back, or type
    the secrets again."""


class ConnectionRefused(ConnectorError):
    """The connection could not be kept: a value is missing or is not what it should be."""


class TooManyMessages(ConnectorError):
    """This person has received as many messages as the connection allows in a day."""


class RecipeBroken(ConnectorError):
    """The connector's expression could not be evaluated. Correct it in the connector."""


class TemplateRefused(ConnectorError):
    """The connector could not be taken."""
