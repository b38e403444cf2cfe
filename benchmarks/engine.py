"""The engine: every measure of its contract as a ratio to the bound measured in the same run.

`python -m benchmarks engine [--seconds N] [--loop asyncio] [--json]`. Over an embedded PostgreSQL of its own, which
commits durably. Bound and measures run on the same event loop: that of all processes of a town (uvloop), or Python's.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import uvloop

from benchmarks import _engine_cpu as cpu
from benchmarks import _engine_database as over
from benchmarks._engine_memory import of_instances
from server.collector import calm
from server.database import bind, open_database
from server.embedded import attach
from server.migrate import migrate

TARGETS = {
    "ratio": ">= 0.6",
    "drain_ratio": ">= 1.5",
    "cpu_6": "<= 0.050",
    "cpu_30": "<= 0.033",
    "loop_growth": "<= 1.2",
    "multi_instance_growth": "<= 1.5",
    "complete_p50": "<= 4",
    "complete_p99": "<= 20",
    "wake_p50": "<= 8",
    "wake_p99": "<= 80",
    "snapshot_bytes_30": "<= 2000",
}
OFFERED = 200.0
# The least number of turns in which a measure and the bound are taken.
SPELLS = 4


def main(*arguments: str) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks engine")
    parser.add_argument("--seconds", type=float, default=10, help="how long each measure over the database lasts")
    parser.add_argument(
        "--instances", type=int, default=10_000, help="open instances whose memory is measured; 0: none"
    )
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="uvloop", help="the event loop (uvloop)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = _of_processor() | _of_database(chosen.seconds, chosen.instances, chosen.loop)
    if chosen.json:
        print(json.dumps(found))
        return
    for name, figure in found.items():
        print(f"{name:24}{figure:12.3f}  {TARGETS.get(name, '')}")


def _of_processor() -> dict[str, float]:
    six, _ = cpu.against_stock(6, 60)
    thirty, largest = cpu.against_stock(30, 20)
    return {
        "cpu_6": six,
        "cpu_30": thirty,
        "loop_growth": cpu.loop_growth(),
        "multi_instance_growth": cpu.multi_instance_growth(),
        "snapshot_bytes_30": float(largest - len(msgspec.msgpack.encode(cpu.ANSWERS))),
    }


def _of_database(seconds: float, instances: int, loop: str) -> dict[str, float]:
    run = uvloop.run if loop == "uvloop" else asyncio.run
    folder = Path(tempfile.mkdtemp(prefix="parvis-benchmark-"))
    try:
        with attach(folder) as servers:
            found = run(_measured(servers.database_url, seconds))
            return found | (of_instances(servers.database_url, instances) if instances else {})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measured(url: str, seconds: float) -> dict[str, float]:
    database = await open_database(url, pool_size=8)
    try:
        await migrate(database)
        bind(database)
        # As the processes of a town do when they have started.
        calm()
        bound = await over.Bound.prepared()
        await over.durable_steps(over.Rate(), -1)
        steps, per_second = await _beside(bound, seconds, over.durable_steps)
        await bound.clear()
        await bound.measure_alone(min(seconds, 2))
        completed = await over.completions(seconds, OFFERED)
        woken = await over.wakings(100)
        await bound.measure_alone(min(seconds, 2))
        await bound.clear()
        # Last: what a flood leaves to do to the database is no part of how soon a person is answered.
        due = min(20_000, int(seconds * 1000)) // SPELLS
        drained, beside_drain = await _beside(bound, 0, lambda rate, turn: over.drained(rate, due, turn))
    finally:
        await database.close()
        bind(None)
    return {
        "bound_per_s": per_second,
        "steps_per_s": steps,
        "ratio": steps / per_second,
        "drain_ratio": drained / beside_drain,
        "complete_p50": _share(completed, 0.5) / bound.median,
        "complete_p99": _share(completed, 0.99) / bound.median,
        "wake_p50": _share(woken, 0.5) / bound.median,
        "wake_p99": _share(woken, 0.99) / bound.median,
    }


async def _beside(
    bound: over.Bound, seconds: float, work: Callable[[over.Rate, int], Awaitable[None]]
) -> tuple[float, float]:
    """How many a second the work does, and B: in turns of equal length, since a shared machine is quick and slow by
    the second."""
    rate, beside, turn = over.Rate(), over.Rate(), 0
    while turn < SPELLS or rate.seconds < seconds:
        spent = rate.seconds
        await work(rate, turn)
        await bound.measure(beside, rate.seconds - spent)
        turn += 1
    return rate.per_second, beside.per_second


def _share(taken: list[float], share: float) -> float:
    return sorted(taken)[min(int(len(taken) * share), len(taken) - 1)]
