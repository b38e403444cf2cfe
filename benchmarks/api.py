"""API: what `/v2` costs over HTTP, as ratios to b of the engine benchmark: start, activate + complete, search among
100,000 instances, and how long a waiting worker needs to hear of a job.

One web process, one town, real PostgreSQL; the caller is in this process and shares the machine.
`python -m benchmarks api [--few]` (`--few`: a tenth of everything).
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from accounts import clients
from accounts.departments import Department, upsert
from benchmarks._engine_database import Bound
from engine.ids import new_id
from engine.store.statements import row, rows, run, value
from engine.store.tables import CaseRow, HistoryRow, InstanceRow
from server.database import bind, open_database
from server.embedded import attach
from server.migrate import migrate
from tests.bad_input.served import served

FEW = "--few" in sys.argv
COUNT, CALLERS, INSTANCES = (200, 4, 10_000) if FEW else (2_000, 4, 100_000)
# Seconds for all of it: whoever measures has promised the machine to others.
LONGEST = 600
ORDER = Path(__file__).parents[1] / "tests" / "clients" / "diagrams" / "order.bpmn"
# Quicker to make again than to keep while the table is filled.
SLOW_INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'engine_case' AND indexdef LIKE '%USING gin%'"
)

Call = Callable[[httpx.AsyncClient], Awaitable[Any]]


class Measured(msgspec.Struct, frozen=True):
    """Seconds of each call, and of all of them together."""

    each: list[float]
    all: float

    def line(self, name: str, b: float) -> str:
        ordered = sorted(self.each)
        p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99) - 1]
        rate = len(self.each) / self.all
        return f"{name:<44}{rate:>9.0f}/s{p50 / b:>10.1f} b{p99 / b:>10.1f} b"


async def measured(client: httpx.AsyncClient, call: Call, count: int, callers: int = CALLERS) -> Measured:
    """So many calls by so many callers at once."""
    seconds: list[float] = []

    async def caller() -> None:
        for _ in range(count // callers):
            begun = time.perf_counter()
            await call(client)
            seconds.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return Measured(seconds, time.perf_counter() - begun)


async def ask(client: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await client.post(f"/v2{path}", json=body)
    assert answer.status_code in (200, 204), (path, answer.status_code, answer.text)
    return answer.json() if answer.content else None


async def start(client: httpx.AsyncClient) -> Any:
    return await ask(client, "/process-instances", processDefinitionId="order", variables={"size": 3})


async def work(client: httpx.AsyncClient) -> bool:
    """Whether there was a job."""
    taken = await ask(
        client, "/jobs/activation", type="price", timeout=60_000, maxJobsToActivate=1, requestTimeout=-1, worker="b"
    )
    for job in taken["jobs"]:
        await ask(client, f"/jobs/{job['jobKey']}/completion", variables={"price": 12})
    return bool(taken["jobs"])


async def search_active(client: httpx.AsyncClient) -> None:
    await ask(
        client,
        "/process-instances/search",
        filter={"state": "ACTIVE", "processDefinitionId": "order"},
        sort=[{"field": "startDate", "order": "DESC"}],
        page={"limit": 50},
    )


async def search_variable(client: httpx.AsyncClient) -> None:
    await ask(
        client,
        "/process-instances/search",
        filter={"state": "ACTIVE", "variables": [{"name": "size", "value": "3"}]},
        sort=[{"field": "startDate", "order": "DESC"}],
        page={"limit": 50},
    )


async def search_rare_variable(client: httpx.AsyncClient) -> None:
    await ask(client, "/process-instances/search", filter={"variables": [{"name": "size", "value": "4"}]})


async def wake_ups(client: httpx.AsyncClient, count: int) -> Measured:
    """From before a start to the answer of the worker that waits for its job: it may come before the start's own."""
    seconds: list[float] = []
    for _ in range(count):
        waiting = asyncio.create_task(
            ask(client, "/jobs/activation", type="price", timeout=60_000, maxJobsToActivate=5, requestTimeout=20_000)
        )
        await asyncio.sleep(0.1)
        begun = time.perf_counter()
        waiting.add_done_callback(lambda _, begun=begun: seconds.append(time.perf_counter() - begun))
        await start(client)
        taken = await waiting
        for job in taken["jobs"]:
            await ask(client, f"/jobs/{job['jobKey']}/completion")
    return Measured(seconds, sum(seconds) or 1.0)


async def multiply(count: int) -> int:
    """Copies of the last instance, each with a case and a history of its own, until there are this many."""
    instance = await row("SELECT id, case_id FROM engine_instance WHERE status = 'running' ORDER BY id DESC LIMIT 1")
    missing = count - await value("SELECT count(*) FROM engine_instance")
    begun = datetime.now(UTC)
    indexes = await rows(SLOW_INDEXES)
    for index in indexes:
        await run(f"DROP INDEX {index['indexname']}")
    while missing > 0:
        some = min(missing, 10_000)
        ids = [[new_id(begun) for _ in range(some)] for _ in range(2)]
        own = {"id": "n.case_id", "reference": "'B' || n.case_id", "tracking_code": "'B' || n.case_id", "key": "NULL"}
        moved = {"id": "nextval('engine_history_id_seq')", "case_id": "n.case_id", "instance_id": "n.id"}
        await run(copy_of(CaseRow, own), *ids, instance["case_id"])
        await run(copy_of(InstanceRow, {"id": "n.id", "case_id": "n.case_id"}), *ids, instance["id"])
        await run(copy_of(HistoryRow, moved, "o.instance_id"), *ids, instance["id"])
        missing -= some
    for index in indexes:
        await run(index["indexdef"])
    await run("ANALYZE engine_instance, engine_case, engine_history")
    return await value("SELECT count(*) FROM engine_instance")


def copy_of(table: Any, own: dict[str, str], by: str = "o.id") -> str:
    """Copies the rows of one, with columns of their own."""
    names = [column._meta.name for column in table._meta.columns]
    values = ", ".join(own.get(name, f"o.{name}") for name in names)
    return f"""INSERT INTO {table._meta.tablename} ({", ".join(names)}) SELECT {values} FROM {table._meta.tablename} o
        CROSS JOIN unnest($1::uuid[], $2::uuid[]) AS n(case_id, id) WHERE {by} = $3"""


async def report(database_url: str, folder: Path) -> None:
    database = await open_database(database_url, pool_size=8)
    await migrate(database)
    bind(database)
    now = datetime.now(UTC)
    await upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    _, secret = await clients.add("Mesure", scopes=clients.SCOPES, department="voirie", by_name="x", now=now)
    bound = await Bound.prepared()
    await bound.measure_alone(1 if FEW else 5)
    await bound.clear()
    b = bound.median
    with served(database_url, folder) as (_, address):
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client:
            deployed = await client.post("/v2/deployments", files={"resources": (ORDER.name, ORDER.read_bytes())})
            assert deployed.status_code == 200, deployed.text
            await measured(client, start, 40)
            print(f"b = {b * 1000:.2f} ms; {CALLERS} callers\n{'':<44}{'rate':>11}{'p50':>12}{'p99':>12}")
            print((await measured(client, start, COUNT)).line("start an instance", b))
            print((await measured(client, work, COUNT)).line("activate and complete a job (2 requests)", b))
            # A job left over would answer the waiting worker before anything is started.
            while await work(client):
                pass
            print((await wake_ups(client, COUNT // 40)).line("start, and wake-up of the worker that waits", b))
            await start(client)
            begun = time.perf_counter()
            there = await multiply(INSTANCES)
            print(f"filled up to {there:,} instances in {time.perf_counter() - begun:.1f} s")
            await measured(client, search_active, 20)
            found = await measured(client, search_active, COUNT // 4)
            print(found.line(f"search among {there:,} instances", b))
            found = await measured(client, search_variable, COUNT // 40)
            print(found.line("the same, by a variable that all have", b))
            found = await measured(client, search_rare_variable, 4, callers=1)
            print(found.line("the same, by a variable that none has", b))
    await database.close()


def main(*_: str) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="parvis-api-") as folder, attach(Path(folder) / "data") as servers:
        asyncio.run(asyncio.wait_for(report(servers.database_url, Path(folder)), LONGEST))


if __name__ == "__main__":
    main()
