"""Every route that names an object is tried with somebody else's: of another procedure, or of another client."""

import re
from datetime import datetime
from typing import Any

from httpx import AsyncClient
from litestar import Litestar

from tests.api.conftest import Asking
from tests.api.test_access import BODIES, SEARCHES, objects_of_another, routes
from tests.api.test_town import submitted
from tests.clients.test_python_client import REVIEW

NAMED = re.compile(r"\{(\w+)")
# The town's own documents and what is open to every client: nobody's objects.
NOBODYS = ("/api/openapi", "/api/resources/")
MORE_SEARCHES = SEARCHES | {
    "decision-definitions": ("decisionDefinitionKey", "decision_definition_key"),
    "decision-requirements": ("decisionRequirementsKey", "decision_requirements_key"),
    "decision-instances": ("decisionEvaluationInstanceKey", "decision_evaluation_instance_key"),
    "batch-operations": ("batchOperationKey", "batch_operation_key"),
}
PERSON = {"person": "42"}
BROUGHT: dict[str, dict[str, Any]] = {
    "PUT /api/drafts/{draft_id:uuid}": {"json": {"answers": {}}},
    "POST /api/drafts/{draft_id:uuid}/attachments": {"files": {"file": ("plan.pdf", b"%PDF-1.7")}},
}


async def found_more(client: AsyncClient) -> dict[str, str]:
    """Keys of everything of `/v2`, by the name of the path's parameter."""
    keys: dict[str, str] = {}
    for resource, (field, name) in MORE_SEARCHES.items():
        answer = (await client.post(f"/v2/{resource}/search", json={})).json()
        keys[name] = answer["items"][0][field]
    return keys


async def a_review(client: AsyncClient, keys: dict[str, str]) -> None:
    """A diagram with a decision, decided in an instance; and a batch."""
    parts = [("resources", (file.name, file.read_bytes())) for file in REVIEW]
    assert (await client.post("/v2/deployments", files=parts)).status_code == 200
    body = {"processDefinitionId": "review", "variables": {"size": 3, "invoice": "F"}}
    assert (await client.post("/v2/process-instances", json=body)).status_code == 200
    address = f"/v2/process-instances/{keys['process_instance_key']}/incident-resolution"
    assert (await client.post(address)).status_code == 200


async def town_objects(client: AsyncClient) -> dict[str, str]:
    """Objects of the town's own interface that this client has, by the name of the path's parameter."""
    draft = await client.post("/api/drafts", json={"procedure": "petition", "person": "42"})
    webhook = await client.post("/api/webhooks", json={"url": "https://voisin.example/x", "events": ["case.filed"]})
    filed = await submitted(client, answers={})
    return {
        "draft_id": draft.json()["id"],
        "webhook_id": webhook.json()["id"],
        "tracking_code": filed.json()["trackingCode"],
        "slug": "petition",
    }


def filled(path: str, keys: dict[str, str]) -> str:
    names = re.sub(r"\{form:str\}", "request", path)
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: keys[found[1]], names)


async def test_every_route_that_names_an_object_refuses_somebody_elses(
    application: Litestar, asking: Asking, now: datetime
) -> None:
    owner, stranger = await asking(), await asking(procedures=["permit"])
    keys = await objects_of_another(now)
    await a_review(owner, keys)
    keys |= await found_more(owner) | await town_objects(owner)
    wrong: list[Any] = []

    for method, path, _ in routes(application):
        if not NAMED.search(path) or path.startswith(NOBODYS):
            continue
        brought = BROUGHT.get(f"{method} {path}")
        if brought is None:
            brought = {} if method == "GET" else {"json": BODIES.get(path.rpartition("/")[2], {})}
        # A key that is missing here fails: a new route brings an object of its own.
        answer = await stranger.request(method, filled(path, keys), params=PERSON, **brought)
        if answer.status_code != 404:
            wrong.append((method, path, answer.status_code, answer.text[:200]))

    assert wrong == []


async def test_the_same_objects_are_there_for_who_may_see_them(
    application: Litestar, asking: Asking, now: datetime
) -> None:
    owner = await asking()
    keys = await objects_of_another(now)
    await a_review(owner, keys)
    keys |= await found_more(owner) | await town_objects(owner)
    wrong: list[Any] = []

    for method, path, _ in routes(application):
        if method != "GET" or not NAMED.search(path) or path.startswith(NOBODYS):
            continue
        answer = await owner.get(filled(path, keys), params=PERSON)
        if answer.status_code not in (200, 204):
            wrong.append((method, path, answer.status_code, answer.text[:200]))

    assert wrong == []
