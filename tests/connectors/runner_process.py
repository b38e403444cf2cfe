"""A runner as a process of its own, to be killed by `tests.connectors.test_proofs`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors import wiring
from connectors.runner import Runner
from connectors.toolbox import Toolbox
from server.database import bind, open_database
from server.settings import Outgoing, Settings, Smtp
from server.worker import Chore, Worker


def settings_of(given: dict[str, Any]) -> Settings:
    """The settings of the proof's town."""
    return Settings(
        database_url=given["database_url"],
        data_dir=Path(given["folder"]),
        secret_key="0" * 64,
        outgoing=Outgoing(networks="127.0.0.1/32"),
        smtp=Smtp(host="127.0.0.1", port=given["smtp_port"], sender="mairie@town.example"),
    )


async def work(given: dict[str, Any]) -> None:
    """Run jobs until killed; leases are short, so that those of a killed runner come back soon."""
    settings = settings_of(given)
    database = await open_database(given["database_url"], pool_size=8, wait_seconds=20)
    bind(database)
    available = wiring.available_of(wiring.connections_of(settings))
    tools = available.tools
    assert isinstance(tools, Toolbox)
    runner = Runner(
        available.connectors,
        worker="proof",
        lease=3.0,
        deadline=20.0,
        clock=lambda: datetime.now(UTC),
        toolbox=tools,
        refresh=available.refresh,
    )
    await Worker([Chore("jobs", runner.take, finish=runner.finish)], lambda: datetime.now(UTC)).run()


def run(given: dict[str, Any]) -> None:
    """The process."""
    asyncio.run(work(given))
