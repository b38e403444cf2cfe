"""What only a town has: procedures and forms, drafts with papers, submissions, follow-up, figures."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

from httpx import AsyncClient
from pypdf import PdfWriter

from engine import deployments
from tests.api.conftest import Asking
from tests.engine.bundles import ADMINISTRATOR, a_bundle, a_case, a_procedure
from tests.engine.test_incident_languages import UNDECIDED
from tests.web.conftest import Clock

FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Demande",
    "required": ["name", "email"],
    "properties": {
        "name": {"type": "string", "title": "Nom", "maxLength": 80},
        "email": {"type": "string", "title": "Adresse", "format": "email", "maxLength": 120},
    },
}


def a_pdf() -> bytes:
    """One empty page."""
    writer, kept = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(kept)
    return kept.getvalue()


ANSWERS = {"name": "Aïcha Le Gall", "email": "aicha@example.org"}


async def a_town(now: datetime) -> None:
    bundle = a_bundle(files={"forms/request.schema.json": json.dumps(FORM).encode()})
    await deployments.publish(bundle, ADMINISTRATOR, now)


async def submitted(client: AsyncClient, **details: Any) -> Any:
    return await client.post("/api/submissions", json={"procedure": "petition", "answers": ANSWERS, **details})


async def test_procedures_tell_their_forms_as_json_schema(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client = await asking()

    [procedure] = (await client.get("/api/procedures")).json()
    form = (await client.get("/api/procedures/petition/forms/request")).json()

    assert (procedure["slug"], procedure["termWorkingDays"]) == ("petition", 5)
    assert procedure["forms"] == [{"form": "request", "title": {"fr": "Pétition", "en": "Petition"}}]
    assert form["schema"] == FORM
    assert [each["slug"] for each in (await client.get("/api/departments")).json()] == ["voirie"]


async def test_a_request_is_filed_once_and_followed_by_its_code(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client = await asking()
    headers = {"idempotency-key": "portal-1"}
    body = {"procedure": "petition", "answers": ANSWERS}

    first = await client.post("/api/submissions", json=body, headers=headers)
    again = await client.post("/api/submissions", json=body, headers=headers)
    code = first.json()["trackingCode"]
    followed = await client.get(f"/api/follow-up/{code}", params={"email": "AICHA@example.org"})
    wrong = await client.get(f"/api/follow-up/{code}", params={"email": "other@example.org"})

    assert (first.status_code, again.json()) == (201, first.json())
    assert (followed.json()["reference"], followed.json()["state"]) == (first.json()["reference"], "open")
    assert followed.json()["steps"][0]["name"] == "Votre demande est examinée"
    assert wrong.status_code == 404


async def test_answers_the_form_does_not_accept_are_refused_with_each_reason(asking: Asking, now: datetime) -> None:
    await a_town(now)

    refused = await submitted(await asking(), answers={"email": "nowhere"})

    assert refused.status_code == 422
    assert "/name" in refused.json()["detail"] and "/email" in refused.json()["detail"]


async def test_a_draft_is_kept_completed_and_filed_with_its_papers(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client, other = await asking(), await asking()
    person = {"person": "42"}
    begun = await client.post("/api/drafts", json={"procedure": "petition", "person": "42", "answers": {"name": "A"}})
    address = f"/api/drafts/{begun.json()['id']}"

    early = await client.post(f"{address}/submission", params=person)
    paper = await client.post(f"{address}/attachments", params=person, files={"file": ("plan.pdf", a_pdf())})
    disguised = await client.post(f"{address}/attachments", params=person, files={"file": ("plan.pdf", b"MZ")})
    saved = await client.put(address, params=person, json={"answers": ANSWERS})
    filed = await client.post(f"{address}/submission", params=person)

    assert (begun.json()["problems"] != [], saved.json()["problems"]) == (True, [])
    assert (early.status_code, disguised.status_code) == (422, 422)
    assert (paper.status_code, paper.json()["mediaType"]) == (201, "application/pdf")
    assert filed.json()["reference"].startswith("2026-")
    assert (await client.post(f"{address}/submission", params=person)).json() == filed.json()
    for stranger, whose in ((other, "42"), (client, "43")):
        assert (await stranger.get(address, params={"person": whose})).status_code == 404


async def test_figures_tell_a_kept_client_of_its_procedures_only(asking: Asking, now: datetime, clock: Clock) -> None:
    await a_town(now)
    everything, kept = await asking(), await asking(procedures=["permit"])
    await submitted(everything)
    clock.now += timedelta(minutes=1)

    told, less = (await everything.get("/api/figures")).json(), (await kept.get("/api/figures")).json()

    assert (told["total"]["filed"], list(told["procedures"])) == (1, ["petition"])
    assert (less["total"], less["procedures"]) == (None, {})
    assert (await kept.get("/api/figures/departments")).status_code == 403
    assert (await kept.get("/api/procedures/petition")).status_code == 404
    assert (await submitted(kept)).status_code == 404


async def test_an_incident_is_told_to_machines_in_english_whatever_language_they_ask_for(
    asking: Asking, now: datetime
) -> None:
    await a_procedure(now, UNDECIDED)
    await a_case(now, answers={"amount": 3})
    client = await asking()

    found = await client.post("/v2/incidents/search", json={}, headers={"accept-language": "fr"})

    [incident] = found.json()["items"]
    assert incident["errorType"] == "CONDITION_ERROR"
    assert incident["errorMessage"].startswith("Montant: no outgoing condition is true")
