"""Chores: which work a worker does, assembled from the floors below: connector jobs, due timers, batches of
operations.

The loops are `server.worker`'s; what a job does is its connector's.
"""

import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime

from api.webhooks.pump import Pump
from connectors import wiring
from connectors.addresses import networks_of
from desk import scanning
from desk.files import FileStore
from desk.notifications import Deliver
from engine import batches, timers
from server.opened import Opened
from server.worker import Chore

BATCH = 100


def chores_of(town: Opened) -> list[Chore]:
    """The chores of this town, each with the hints that concern it."""
    runner = wiring.runner_of(town.settings, town.clock, worker_name())
    return [
        Chore("jobs", runner.take, ("jobs",), finish=runner.finish),
        Chore("timers", fire_timers, ("timers",)),
        Chore("batches", advance_batches, (batches.TOPIC,)),
        Chore("webhooks", webhooks_of(town).run_once),
        *([Chore("scans", scans_of(town), (scanning.TOPIC,))] if town.settings.clamd else []),
    ]


def scans_of(town: Opened) -> Callable[[datetime], Awaitable[int]]:
    """Files that wait go to the scanner; while it is away they wait longer, and the log says so."""
    scanner, files = scanning.Scanner(town.settings.clamd), FileStore(town.settings.data_dir / "files")

    async def scan(now: datetime) -> int:
        return await scanning.scan_waiting(scanner, files, now)

    return scan


def webhooks_of(town: Opened) -> Pump:
    """What tells other systems of what happens to cases."""
    settings = town.settings
    permitted, proxy = networks_of(settings.outgoing.networks), settings.outgoing.proxy
    return Pump(settings.secret_key.encode(), town.clock, permitted=permitted, proxy=proxy)


def deliver_of(town: Opened) -> Deliver:
    """How the platform's own notices leave."""
    return wiring.deliver_of(town.settings)


async def fire_timers(now: datetime) -> int:
    """Wake the cases whose time has come."""
    return await timers.fire_due(BATCH, now)


async def advance_batches(now: datetime) -> int:
    """Go on with what administrators have asked for many cases at once."""
    return await batches.advance(BATCH, now)


def worker_name() -> str:
    """How this process signs its leases."""
    return f"{socket.gethostname()}:{os.getpid()}"
