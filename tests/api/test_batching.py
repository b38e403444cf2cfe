"""Batches: seen by who may see all their instances; items tell why an instance stayed, with its values, in English."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient

from api.orchestration.batching import _said
from engine.feel.sentences import Sentence
from engine.migration.obstacles import Obstacle
from tests.api.conftest import Asking
from tests.engine.bundles import a_case, a_procedure


def test_reasons_are_told_with_their_values():
    obstacles = [
        Obstacle("“{element}” has no counterpart.", {"element": "Review"}),
        Obstacle.telling(Sentence("The number of instances is out of bounds: {0}", ("12000",))),
    ]

    said = _said(msgspec.json.encode(obstacles).decode())

    assert said == "“Review” has no counterpart.; The number of instances is out of bounds: 12000"


def test_an_item_without_obstacle_tells_nothing():
    assert _said(None) is None and _said("[]") is None


async def two_procedures(now: datetime) -> None:
    for slug, key in (("petition", "k1"), ("permit", "k2")):
        await a_procedure(now, slug=slug)
        await a_case(now, slug, key=key)


async def begun(client: AsyncClient, **filters: Any) -> str:
    answer = await client.post("/v2/process-instances/cancellation", json={"filter": filters})
    assert answer.status_code == 200, answer.text
    return answer.json()["batchOperationKey"]


async def test_a_batch_of_several_procedures_is_seen_by_who_may_see_all_of_them(asking: Asking, now: datetime) -> None:
    await two_procedures(now)
    both, one, other = [await asking(procedures=slugs) for slugs in (["petition", "permit"], ["petition"], ["permit"])]
    everything = await asking()

    key = await begun(both, hasIncident=False)

    for client, status, found in ((both, 200, 1), (everything, 200, 1), (one, 404, 0), (other, 404, 0)):
        assert (await client.get(f"/v2/batch-operations/{key}")).status_code == status
        assert (await client.post("/v2/batch-operations/search", json={})).json()["page"]["totalItems"] == found
    for client in (one, other):
        assert (await client.post(f"/v2/batch-operations/{key}/suspension")).status_code == 404
        assert (await client.post("/v2/batch-operation-items/search", json={})).json()["page"]["totalItems"] == 1
    assert (await both.post(f"/v2/batch-operations/{key}/suspension")).status_code == 204


@pytest.mark.parametrize(("kept", "status"), [(["petition"], 404), (["permit", "petition", "other"], 200), ([], 200)])
async def test_a_batch_that_found_nothing_is_its_own_clients(
    asking: Asking, now: datetime, kept: list[str], status: int
) -> None:
    await two_procedures(now)
    both = await asking(procedures=["petition", "permit"])

    key = await begun(both, processDefinitionId="nothing")

    assert (await both.get(f"/v2/batch-operations/{key}")).json()["operationsTotalCount"] == 0
    assert (await (await asking(procedures=kept)).get(f"/v2/batch-operations/{key}")).status_code == status
