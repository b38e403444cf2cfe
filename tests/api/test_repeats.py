"""A command that comes again with the same `Idempotency-Key` is carried out once."""

import asyncio
from datetime import datetime, timedelta

from engine.store.statements import value
from tests.api.conftest import Asking
from tests.clients.town import DIAGRAMS
from tests.engine.bundles import PAYMENT, a_case, a_procedure
from tests.web.conftest import Clock

ORDER = ("resources", ("order.bpmn", (DIAGRAMS / "order.bpmn").read_bytes()))


async def test_a_message_published_again_reaches_nobody_twice(asking: Asking, now: datetime) -> None:
    client = await asking()
    await a_procedure(now, PAYMENT)
    for key in ("k1", "k2"):
        await a_case(now, key=key, answers={"invoice": "F-1"})
    message = {"name": "payment", "correlationKey": "F-1"}
    headers = {"idempotency-key": "a"}

    first = await client.post("/v2/messages/publication", json=message, headers=headers)
    again = await client.post("/v2/messages/publication", json=message, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert await value("SELECT count(*) FROM engine_subscription") == 1


async def test_the_same_key_for_another_request_is_refused(asking: Asking) -> None:
    client = await asking()
    headers = {"idempotency-key": "a"}

    await client.post("/v2/signals/broadcast", json={"signalName": "x"}, headers=headers)
    other = await client.post("/v2/signals/broadcast", json={"signalName": "y"}, headers=headers)

    assert other.status_code == 422


async def test_a_refused_command_may_be_tried_again_with_its_key(asking: Asking, now: datetime) -> None:
    client = await asking()
    headers = {"idempotency-key": "a"}
    correlation = {"name": "payment", "correlationKey": "F-1"}

    refused = await client.post("/v2/messages/correlation", json=correlation, headers=headers)
    await a_procedure(now, PAYMENT)
    await a_case(now, answers={"invoice": "F-1"})
    again = await client.post("/v2/messages/correlation", json=correlation, headers=headers)

    assert (refused.status_code, again.status_code) == (404, 200)


async def test_a_key_is_forgotten_after_a_day(asking: Asking, clock: Clock) -> None:
    client = await asking()
    headers = {"idempotency-key": "a"}
    await client.post("/v2/signals/broadcast", json={"signalName": "x"}, headers=headers)

    clock.now += timedelta(days=1, seconds=1)
    other = await client.post("/v2/signals/broadcast", json={"signalName": "y"}, headers=headers)

    assert other.status_code == 200


async def test_ten_creations_at_once_with_one_key_give_one_instance(asking: Asking) -> None:
    client = await asking()
    assert (await client.post("/v2/deployments", files=[ORDER])).status_code == 200
    creation = {"processDefinitionId": "order"}

    made = await asyncio.gather(
        *(client.post("/v2/process-instances", json=creation, headers={"idempotency-key": "a"}) for _ in range(10))
    )

    assert {each.status_code for each in made} == {200}
    assert len({each.json()["processInstanceKey"] for each in made}) == 1


async def test_keys_of_two_clients_do_not_meet(asking: Asking) -> None:
    first, second = await asking(), await asking()
    headers = {"idempotency-key": "a"}

    await first.post("/v2/signals/broadcast", json={"signalName": "x"}, headers=headers)
    other = await second.post("/v2/signals/broadcast", json={"signalName": "y"}, headers=headers)

    assert other.status_code == 200
