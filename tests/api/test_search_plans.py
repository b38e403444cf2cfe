"""Searches read the page that is asked for, not all there is: an index gives its order, and nothing is sorted."""

from datetime import datetime
from typing import Any

import pytest

from accounts import clients
from api import parts, searching
from api.orchestration.instances import INSTANCES
from api.orchestration.tasks import TASKS
from api.searching import PageAsked, Query, Resource, Sort
from engine.store.statements import rows, run
from tests.api.conftest import Asking
from tests.engine.bundles import a_case, a_procedure

# Twenty thousand of each, one in a hundred ended, as PostgreSQL's statistics would know them.
MANY = (
    """INSERT INTO engine_instance SELECT gen_random_uuid(), case_id, parent_id, parent_token, definition_hash, process,
        rev, state, CASE WHEN n % 100 = 0 THEN 'completed' ELSE 'running' END, started_at
        FROM engine_instance, generate_series(1, 20000) n""",
    """INSERT INTO engine_task (id, case_id, instance_id, token, procedure, definition_hash, element, name, department,
        audience, candidate_groups, candidate_users, state, priority, input, opened_at)
        SELECT gen_random_uuid(), case_id, instance_id, n, procedure, definition_hash, element, name, department,
        audience, candidate_groups, candidate_users, CASE WHEN n % 100 = 0 THEN 'completed' ELSE 'open' END, priority,
        input, opened_at FROM engine_task, generate_series(1000, 21000) n""",
    "ANALYZE engine_instance, engine_task",
)


SEARCHES: list[tuple[Resource, dict[str, Any], str]] = [
    (INSTANCES, {"state": "ACTIVE", "processDefinitionId": "petition"}, "startDate"),
    (INSTANCES, {"state": "ACTIVE"}, "processInstanceKey"),
    (TASKS, {"state": "CREATED"}, "creationDate"),
]


async def test_a_page_of_a_search_is_read_in_the_order_of_an_index(
    asking: Asking, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_procedure(now)
    await a_case(now)
    await parts.refresh()
    for statement in MANY:
        await run(statement)
    await asking()
    [client] = await clients.everyone()
    asked: list[tuple[str, tuple[Any, ...]]] = []

    async def kept(sql: str, *values: Any) -> list[Any]:
        asked.append((sql, values))
        return await rows(sql, *values)

    monkeypatch.setattr(searching, "rows", kept)
    for resource, filters, sort in SEARCHES:
        query = Query(filter=filters, sort=[Sort(field=sort, order="DESC")], page=PageAsked(limit=50))
        found = await searching.search(resource, query, client)
        sql, values = asked[-1]
        plan = "\n".join(record[0] for record in await rows(f"EXPLAIN {sql}", *values))

        assert len(found.found) == 50
        of_page = plan.split("SubPlan")[0]
        assert "Sort" not in of_page and "Seq Scan" not in of_page, plan


async def test_states_are_found_whichever_way_they_are_asked_for(asking: Asking, now: datetime) -> None:
    await a_procedure(now)
    await a_case(now)
    client = await asking()

    async def count(resource: str, state: Any) -> int:
        answer = await client.post(f"/v2/{resource}/search", json={"filter": {"state": state}})
        return answer.json()["page"]["totalItems"]

    for resource, there, other in (
        ("process-instances", "ACTIVE", "TERMINATED"),
        ("user-tasks", "CREATED", "CANCELED"),
    ):
        asked = [there, {"$in": [there, other]}, {"$neq": other}, {"$notIn": [other]}, {"$like": f"{there[:3]}*"}]
        assert [await count(resource, state) for state in asked] == [1] * 5
        assert [await count(resource, state) for state in (other, {"$neq": there}, {"$notIn": [there]})] == [0] * 3
    assert (await client.post("/v2/process-instances/search", json={"filter": {"state": "ODD"}})).status_code == 400
