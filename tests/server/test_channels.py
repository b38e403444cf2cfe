"""Hints travel between processes through Valkey, and inside one process without it."""

import asyncio

from server.channels import HintChannels
from server.embedded import Servers


async def heard(channels: HintChannels) -> asyncio.Event:
    event = asyncio.Event()
    channels.listen(lambda channel: event.set() if channel == "jobs" else None)
    await channels.on_startup()
    return event


async def test_a_hint_reaches_the_other_process(servers: Servers) -> None:
    here, there = HintChannels(servers.valkey_url), HintChannels(servers.valkey_url)
    event = await heard(there)
    await here.on_startup()

    async with asyncio.timeout(5):
        while not event.is_set():
            await here.publish(b"", ["jobs"])
            await asyncio.sleep(0.02)

    await here.on_shutdown()
    await there.on_shutdown()


async def test_without_valkey_a_hint_stays_in_the_process_and_costs_little() -> None:
    alone = HintChannels("unix:///nowhere/valkey.sock")
    event = await heard(alone)

    async with asyncio.timeout(0.5):
        await alone.publish(b"", ["jobs"])

    assert event.is_set()
    await alone.on_shutdown()
