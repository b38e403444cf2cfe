"""What open instances take: in the database, and in the process that moves them, which runs in a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks._engine_database import CALLERS, filed, now, published
from benchmarks._engine_models import JOB, USER, chain
from engine.apply import memory
from engine.store.statements import value
from server.database import bind, open_database

TABLES = ("engine_instance", "engine_case", "engine_task", "engine_history", "engine_journal")


def of_instances(url: str, count: int) -> dict[str, float]:
    """Bytes of one open instance (its state, its rows with their indexes, remembered by a process) and mebibytes of a
    process that has so many open, before and after."""
    command = [sys.executable, "-m", "benchmarks._engine_memory", url, str(count)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


async def _measured(url: str, count: int) -> dict[str, float]:
    database = await open_database(url, pool_size=8)
    bind(database)
    try:
        definition = await published(chain(USER, JOB, USER, JOB), "memory")
        await filed(definition, "first", now())
        rows_before, resident_before = await _on_disk(), _resident()
        numbers = iter(range(count))

        async def file_some() -> None:
            for number in numbers:
                await filed(definition, f"memory {number}", now())

        await asyncio.gather(*(file_some() for _ in range(CALLERS)))
        resident = _resident()
        state = await value("SELECT avg(octet_length(state)) FROM engine_instance WHERE process = 'memory'")
        return {
            "instance_state_bytes": float(state),
            "instance_rows_bytes": (await _on_disk() - rows_before) / count,
            "instance_remembered_bytes": (resident - resident_before) / len(memory.instances),
            "process_mib_first": resident_before / 2**20,
            f"process_mib_{count}": resident / 2**20,
        }
    finally:
        bind(None)
        await database.close()


async def _on_disk() -> int:
    sizes = [int(await value(f"SELECT pg_total_relation_size('{table}')")) for table in TABLES]
    return sum(sizes)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measured(sys.argv[1], int(sys.argv[2])))))
