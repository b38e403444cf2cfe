"""Mail in: a local SMTP server that takes the town's return addresses: bounces and replies, written to their case.

The town's mail server hands over `returns+…@domain` to this port. Anything else is refused at RCPT; nothing is relayed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.mail import returns
from server.settings import Settings

LARGEST = 20 * 1024 * 1024
_log = structlog.get_logger()


class ReturnsServer:
    """What aiosmtpd calls, by the names it chose."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._secret, self._clock = secret, clock

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only addresses that we have made."""
        if returns.case_of(address, self._secret) is None:
            return "550 5.1.1 No such address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Write it to its case; 451 when the database is away: the sender keeps the message and comes back."""
        content = envelope.original_content or b""
        try:
            read = await asyncio.to_thread(returns.read, content, tuple(envelope.rcpt_tos), self._secret)
            if read is not None:
                taken = await returns.take(read, self._clock())
                _log.info("mail_returned", case_id=str(read.case_id), kind=read.kind, taken=taken)
        except Exception as error:
            _log.warning("mail_not_taken", reason=type(error).__name__)
            return "451 4.3.0 Try again later"
        return "250 OK"


@asynccontextmanager
async def taking_returns(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[int | None]:
    """Listens beside the block when the settings give a port; gives the port it listens on."""
    if not settings.returns_port:
        yield None
        return
    handler, loop = ReturnsServer(settings.secret_key.encode(), clock), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        settings.returns_port,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
