"""Every route is tried with somebody else's object: of another procedure, of another client; and by people of every
role and department, whose sessions open none of them.
"""

import re
from datetime import datetime
from typing import Any

from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from accounts import people
from accounts.departments import Department, upsert
from accounts.passwords import hash_password
from api.guards import open_to_all
from tests.api.conftest import Asking
from tests.api.test_access import BODIES, SEARCHES, guard_of, objects_of_another, routes
from tests.api.test_town import submitted
from tests.clients.test_python_client import REVIEW
from tests.web.conftest import Browser

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
PASSWORD = "une longue phrase de passe"
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


async def test_another_client_that_sees_all_procedures_has_no_part_in_a_clients_own_objects(
    application: Litestar, asking: Asking, now: datetime
) -> None:
    owner, another = await asking(), await asking()
    await objects_of_another(now)
    keys = await town_objects(owner)
    tried: list[tuple[str, str, int]] = []

    for method, path, _ in routes(application):
        if not {"draft_id", "webhook_id"} & set(NAMED.findall(path)):
            continue
        brought = BROUGHT.get(f"{method} {path}", {} if method == "GET" else {"json": {}})
        answer = await another.request(method, filled(path, keys), params=PERSON, **brought)
        tried.append((method, path, answer.status_code))

    assert len(tried) >= 10
    assert [each for each in tried if each[2] != 404] == []


PEOPLE: dict[str, dict[str, Any]] = {
    "administrator": {"roles": ["administrator"], "departments": ["voirie"]},
    "supervisor": {"departments": ["voirie"], "supervises": ["voirie"]},
    "agent of another department": {"departments": ["culture"]},
    "citizen": {"kind": "citizen"},
}


async def test_no_session_of_a_person_opens_what_is_for_machines(
    application: Litestar, asking: Asking, now: datetime
) -> None:
    owner = await asking()
    await upsert(Department(slug="culture", name_fr="Culture", name_en="Culture"))
    keys = await objects_of_another(now)
    await a_review(owner, keys)
    keys |= await found_more(owner) | await town_objects(owner)
    hashed, opened = await hash_password(PASSWORD), list[Any]()

    for number, (role, details) in enumerate(PEOPLE.items()):
        email = f"person{number}@ville.example"
        await people.add(name="Ana Ruiz", email=email, password_hash=hashed, now=now, **details)
        transport = ASGITransport(application, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as person:
            await Browser(person).sign_in(email, PASSWORD)
            own_page = await person.get("/compte" if role == "citizen" else "/agent")
            assert own_page.status_code == 200, role
            for method, path, handler in routes(application):
                brought = BROUGHT.get(f"{method} {path}", {} if method == "GET" else {"json": {}})
                if guard_of(handler) is not open_to_all:
                    answer = await person.request(method, filled(path, keys), params=PERSON, **brought)
                    opened += [] if answer.status_code == 401 else [(role, method, path, answer.status_code)]

    assert opened == []
