"""Machine clients cannot file what a person could not: invalid, hidden, made-up computed answers, files of others."""

import json
from datetime import datetime
from typing import Any

import pytest
from httpx import AsyncClient

from engine import deployments, operations, tasks, variables
from engine.store.statements import value
from tests.api.conftest import Asking
from tests.api.test_town import a_pdf
from tests.engine.bundles import ADMINISTRATOR, a_bundle, a_case
from tests.forms.samples import control, show_when

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Demande",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "title": "Nom", "maxLength": 80},
        "kind": {"type": "string", "title": "Qualité", "enum": ["person", "company"]},
        "siret": {"type": "string", "title": "SIRET", "pattern": "^[0-9]{14}$"},
        "seats": {"type": "integer", "title": "Places", "minimum": 1, "maximum": 50},
        "price": {"type": "number", "title": "Prix"},
        "papers": {"type": "array", "title": "Pièces", "items": {"type": "string"}},
        "cars": {
            "type": "array",
            "title": "Véhicules",
            "items": {
                "type": "object",
                "properties": {
                    "fuel": {"type": "string", "title": "Énergie", "enum": ["diesel", "electric"]},
                    "filter": {"type": "string", "title": "Filtre"},
                },
            },
        },
    },
}
UI: dict[str, Any] = {
    "type": "Categorization",
    "elements": [
        {
            "type": "Category",
            "label": "Vous",
            "elements": [control("name"), control("kind"), control("siret", show_when("kind", "company"))],
        },
        {
            "type": "Category",
            "label": "Demande",
            "elements": [
                control("seats"),
                control("price", compute="=seats * 3"),
                control("papers", widget="attachments"),
                control(
                    "cars",
                    detail={
                        "type": "VerticalLayout",
                        "elements": [control("fuel"), control("filter", show_when("fuel", "diesel"))],
                    },
                ),
            ],
        },
    ],
}
VALID: dict[str, Any] = {"name": "Aïcha Le Gall", "kind": "person", "seats": 2}
NOT_ACCEPTED = [
    ({"kind": "person"}, ["/name"]),
    (VALID | {"kind": "ghost"}, ["/kind"]),
    (VALID | {"kind": "company", "siret": "12"}, ["/siret"]),
    (VALID | {"seats": "many", "name": 3}, ["/name", "/seats"]),
    (VALID | {"papers": ["018f0000-0000-7000-8000-000000000000"]}, ["/papers"]),
    (VALID | {"papers": ["plan.pdf"]}, ["/papers"]),
    (VALID | {"cars": [{"fuel": "diesel"}, {"fuel": "wood"}]}, ["/cars/1/fuel"]),
]


def files(form: str) -> dict[str, bytes]:
    return {
        f"forms/{form}.schema.json": json.dumps(SCHEMA).encode(),
        f"forms/{form}.ui.json": json.dumps(UI).encode(),
    }


async def a_town(now: datetime) -> None:
    await deployments.publish(a_bundle(files=files("request") | files("review")), ADMINISTRATOR, now)


async def submit(client: AsyncClient, answers: dict[str, Any]) -> Any:
    return await client.post("/api/submissions", json={"procedure": "petition", "answers": answers})


async def draft_with(client: AsyncClient, answers: dict[str, Any]) -> str:
    begun = await client.post("/api/drafts", json={"procedure": "petition", "person": "42", "answers": answers})
    return f"/api/drafts/{begun.json()['id']}"


async def filed_answers(reference: str) -> dict[str, Any]:
    case_id = await value("SELECT id FROM engine_case WHERE reference = $1", reference)
    [instance] = await operations.instances_of(case_id)
    return variables.visible(await variables.state_of(instance.id), None)["answers"]


def pointers(refused: Any, status: int = 422) -> list[str]:
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert all(each["detail"] for each in refused.json()["errors"])
    return [each["pointer"] for each in refused.json()["errors"]]


@pytest.mark.parametrize(("answers", "places"), NOT_ACCEPTED)
async def test_a_submission_the_form_does_not_accept_files_nothing_and_names_the_fields(
    asking: Asking, now: datetime, answers: dict[str, Any], places: list[str]
) -> None:
    await a_town(now)

    refused = await submit(await asking(), answers)

    assert pointers(refused) == places
    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_a_draft_the_form_does_not_accept_is_not_filed_and_names_the_fields(
    asking: Asking, now: datetime
) -> None:
    await a_town(now)
    client = await asking()

    for answers, places in NOT_ACCEPTED:
        address = await draft_with(client, answers)
        assert pointers(await client.post(f"{address}/submission", params={"person": "42"})) == places

    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_what_is_hidden_is_dropped_and_what_is_computed_is_computed_here(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client = await asking()
    sent = VALID | {"siret": "wrong", "price": 0, "cars": [{"fuel": "electric", "filter": "F"}, {"fuel": "diesel"}]}
    kept = VALID | {"price": 6, "cars": [{"fuel": "electric"}, {"fuel": "diesel"}]}

    at_once = await submit(client, sent)
    address = await draft_with(client, sent)
    from_draft = await client.post(f"{address}/submission", params={"person": "42"})

    assert (at_once.status_code, from_draft.status_code) == (201, 201)
    for filed in (at_once, from_draft):
        assert await filed_answers(filed.json()["reference"]) == kept


async def test_a_draft_names_its_own_files_only(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client = await asking()
    person, other = {"person": "42"}, {"person": "43"}
    address = await draft_with(client, VALID)
    begun = await client.post("/api/drafts", json={"procedure": "petition", "person": "43", "answers": VALID})
    elsewhere = f"/api/drafts/{begun.json()['id']}/attachments"
    sent = {"file": ("plan.pdf", a_pdf())}
    own = (await client.post(f"{address}/attachments", params=person, files=sent)).json()["id"]
    foreign = (await client.post(elsewhere, params=other, files=sent)).json()["id"]

    await client.put(address, params=person, json={"answers": VALID | {"papers": [own, foreign]}})
    refused = await client.post(f"{address}/submission", params=person)
    await client.put(address, params=person, json={"answers": VALID | {"papers": [own]}})
    filed = await client.post(f"{address}/submission", params=person)

    assert pointers(refused) == ["/papers"]
    assert (filed.status_code, (await filed_answers(filed.json()["reference"]))["papers"]) == (201, [own])


async def test_a_task_takes_what_its_form_accepts_and_names_the_fields_of_the_rest(
    asking: Asking, now: datetime
) -> None:
    await a_town(now)
    case = await a_case(now, answers=VALID)
    [task] = await tasks.of_case(case.case_id)
    client = await asking()
    [found] = (await client.post("/v2/user-tasks/search", json={})).json()["items"]
    address = f"/v2/user-tasks/{found['userTaskKey']}/completion"

    for answers, places in NOT_ACCEPTED:
        refused = await client.post(address, json={"variables": answers})
        assert pointers(refused, 400) == places
    assert [each.id for each in await tasks.of_case(case.case_id)] == [task.id]
    done = await client.post(address, json={"variables": VALID | {"siret": "wrong", "price": 0, "note": "kept"}})

    assert done.status_code == 204
    search = {"filter": {"processInstanceKey": found["processInstanceKey"]}}
    kept = (await client.post("/v2/variables/search", json=search)).json()["items"]
    values = {each["name"]: json.loads(each["value"]) for each in kept}
    assert values["note"] == "kept" and "siret" not in values and values["price"] == 6
    assert values["review"] == VALID | {"price": 6, "note": "kept"}
