"""Whatever the document allows a client to send, no call ends in an error of the server (`schemathesis` makes them)."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as bounded
from hypothesis import strategies as st

from server.settings import Settings
from tests.clients.test_python_client import ORDER, REVIEW
from tests.clients.town import Served, serving

FEW, PIECES = 100, 20
# Waits for jobs, which the calls have no time for.
IN_A_HURRY = {"requestTimeout": -1, "awaitCompletion": False}
SEARCHES = {
    "process_definition_key": ("process-definitions", "processDefinitionKey"),
    "process_instance_key": ("process-instances", "processInstanceKey"),
    "element_instance_key": ("element-instances", "elementInstanceKey"),
    "user_task_key": ("user-tasks", "userTaskKey"),
    "job_key": ("jobs", "jobKey"),
    "variable_key": ("variables", "variableKey"),
    "resource_key": ("resources", "resourceKey"),
    "decision_definition_key": ("decision-definitions", "decisionDefinitionKey"),
    "decision_requirements_key": ("decision-requirements", "decisionRequirementsKey"),
}


def prepared(town: Served) -> dict[str, list[str]]:
    """Deploy and start something; keys that exist, by the name of the path's parameter."""
    with httpx.Client(base_url=town.address, headers={"authorization": f"Bearer {town.secret}"}, timeout=60) as client:
        for files in ([ORDER], REVIEW):
            parts = [("resources", (file.name, file.read_bytes())) for file in files]
            assert client.post("/v2/deployments", files=parts).status_code == 200
        for process in ("order", "order", "review"):
            created = client.post(
                "/v2/process-instances", json={"processDefinitionId": process, "variables": {"size": 3, "invoice": "F"}}
            )
            assert created.status_code == 200
        return {
            name: [each[field] for each in client.post(f"/v2/{resource}/search", json={}).json()["items"]]
            for name, (resource, field) in SEARCHES.items()
        }


def call_many(town: Served, count: int, piece: int) -> tuple[Counter[int], list[str]]:
    """Make so many calls, the same ones for the same piece: how often each status came, and what ended in an error."""
    schema = schemathesis.openapi.from_url(f"{town.address}/api/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    keys, statuses, failures, chance = prepared(town), Counter[int](), list[str](), random.Random(piece)

    @seed(piece)
    @given(case=st.sampled_from(operations).flatmap(lambda each: each.as_strategy()))
    @bounded(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: Any) -> None:
        for name in case.path_parameters or {}:
            if keys.get(name) and chance.random() < 0.7:
                case.path_parameters[name] = chance.choice(keys[name])
        if isinstance(case.body, dict):
            case.body |= {field: value for field, value in IN_A_HURRY.items() if field in case.body}
            if case.path.endswith("activation"):
                case.body |= IN_A_HURRY
        answer = case.call(headers={"authorization": f"Bearer {town.secret}"})
        statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            failures.append(f"{case.method} {case.formatted_path} {answer.status_code} {str(case.body)[:300]}")

    call()
    return statuses, failures


async def calls_of(settings: Settings, count: int, piece: int) -> None:
    async with serving(settings) as town:
        statuses, failures = await asyncio.to_thread(call_many, town, count, piece)

    print(f"piece {piece}: {statuses.total()} calls, {dict(sorted(statuses.items()))}")
    assert sorted(set(failures)) == []
    assert statuses.total() >= count
    # A few 429: whoever tries codes of cases is slowed down.
    assert statuses[429] < count // 50 and sum(statuses[status] for status in (200, 201, 204)) > count // 10


async def test_no_call_the_document_allows_ends_in_an_error_of_the_server(settings: Settings) -> None:
    await calls_of(settings, FEW, piece=0)


@pytest.mark.proof
@pytest.mark.parametrize("piece", range(1, PIECES + 1))
async def test_none_of_20_000_calls_ends_in_an_error_of_the_server(settings: Settings, piece: int) -> None:
    await calls_of(settings, 20_000 // PIECES, piece)
