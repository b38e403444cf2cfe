"""Working: runs a worker and the queue of background jobs beside whatever the process does. Used by `serve` and
`worker`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from server.background import run_background
from server.chores import chores_of
from server.mail_in import taking_returns
from server.mail_sink import MailSink, SinkServer
from server.opened import Opened
from server.settings import Settings
from server.worker import Worker


@asynccontextmanager
async def mail_ready(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with a mail server to write to: the town's own, else a local one that keeps all in the sink."""
    if settings.smtp.host:
        yield settings
        return
    async with SinkServer(MailSink(settings.data_dir)) as sink:
        local = msgspec.structs.replace(settings.smtp, host="127.0.0.1", port=sink.port, tls="none")
        yield msgspec.structs.replace(settings, smtp=local)


@asynccontextmanager
async def working(town: Opened) -> AsyncIterator[Worker]:
    """A worker beside the block; on the way out it ends what it has begun."""
    worker = Worker(chores_of(town), town.clock)
    town.channels.listen(worker.hear)
    stop_background = asyncio.Event()
    tasks: list[asyncio.Task[None]] = [
        asyncio.create_task(worker.run()),
        asyncio.create_task(run_background(town, stop_background)),
    ]
    try:
        async with taking_returns(town.settings, town.clock):
            yield worker
    finally:
        worker.stop()
        stop_background.set()
        await asyncio.gather(*tasks, return_exceptions=True)
