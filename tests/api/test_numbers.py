"""Whole numbers beyond 64 bits go in and come out as they were: JSON has no end of them."""

from datetime import datetime
from typing import Any

import pytest

from tests.api.conftest import Asking
from tests.clients.town import DIAGRAMS

BEYOND = 1 << 70
MESSAGE = {"name": "m", "correlationKey": "k", "timeToLive": 60_000}


@pytest.mark.parametrize("number", [BEYOND, -BEYOND])
async def test_a_whole_number_beyond_64_bits_is_a_variable_like_any_other(
    asking: Asking, now: datetime, number: int
) -> None:
    client = await asking()
    order = DIAGRAMS / "order.bpmn"
    deployed = await client.post("/v2/deployments", files={"resources": (order.name, order.read_bytes())})
    bodies: dict[str, Any] = {
        "/v2/messages/publication": MESSAGE | {"variables": {"a": [number]}},
        "/v2/signals/broadcast": {"signalName": "s", "variables": {"a": {"b": number}}},
        "/v2/process-instances": {"processDefinitionId": "order", "variables": {"size": number}},
    }

    answers = [await client.post(path, json=body) for path, body in bodies.items()]
    found = await client.post("/v2/variables/search", json={"filter": {"name": "size"}})

    assert [deployed.status_code, *(each.status_code for each in answers)] == [200] * 4
    assert found.json()["items"][0]["value"] == str(number)


async def test_a_version_beyond_all_versions_is_refused(asking: Asking) -> None:
    asked = {"processDefinitionId": "order", "processDefinitionVersion": 1 << 40}

    assert (await (await asking()).post("/v2/process-instances", json=asked)).status_code == 400
