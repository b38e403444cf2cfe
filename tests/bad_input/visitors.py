"""People who visit the town in these tests, each with a browser of their own: strangers, agents, administrators."""

import json
from contextlib import AsyncExitStack
from itertools import count
from typing import Any
from uuid import UUID

from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from accounts import people
from accounts.departments import Department, upsert
from engine import deployments
from engine.bundle import read_folder
from tests.connectors.postbox import PROCESSES
from tests.engine.bundles import ADMINISTRATOR, FORM, a_case, a_procedure
from tests.web.conftest import Browser, hidden_fields, walk

ADDRESS = "http://127.0.0.1:8000"
DEPARTMENTS = ("accueil", "voirie", "proprete", "espaces-verts", "eclairage", "etat-civil")
NOTE = FORM | {"properties": {"note": {"type": "string", "title": "Votre avis"}}, "required": ["note"]}

REPORT = {
    "/category": "road",
    "/place/address": "12 rue des Tanneurs",
    "/place/latitude": "47,3905",
    "/place/longitude": "0,6889",
    "/district": "centre",
    "/danger": "false",
    "/description": "Un trou de trente centimètres devant le portail.",
    "/contact": "email",
    "/name": "Marie Durand",
    "/email": "marie@courriel.example",
}


class Visitors:
    """Opens browsers over one application. `person_of` tells who is signed in where."""

    def __init__(self, application: Litestar) -> None:
        self.application = application
        self._stack, self._numbers = AsyncExitStack(), count(1)

    async def __aenter__(self) -> "Visitors":
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self._stack.aclose()

    async def stranger(self) -> Browser:
        """Somebody who has never been here."""
        transport = ASGITransport(self.application, raise_app_exceptions=False)
        return Browser(await self._stack.enter_async_context(AsyncClient(transport=transport, base_url=ADDRESS)))

    async def agent(self, name: str = "Ana Ruiz", *departments: str, **details: Any) -> Browser:
        """An agent of these departments, signed in; `roles=["administrator"]` for one who administers."""
        for slug in departments:
            await upsert(Department(slug=slug, name_fr=slug.title(), name_en=slug.title()))
        house = self.application.state["house"]
        person: UUID = await people.add(
            name=name,
            email=f"agent{next(self._numbers)}@ville.example",
            kind=details.pop("kind", "agent"),
            departments=list(departments),
            now=house.clock(),
            **details,
        )
        return await self.signed_in(person)

    async def administrator(self) -> Browser:
        """Somebody who publishes procedures."""
        return await self.agent("Solène Roux", roles=["administrator"])

    async def signed_in(self, person_id: UUID) -> Browser:
        """A browser where this person has signed in."""
        house, browser = self.application.state["house"], await self.stranger()
        browser.client.cookies.set("parvis", await house.sessions.open(person_id, house.clock()))
        return browser


async def a_report_procedure(now) -> None:
    """The report procedure of the house, in service."""
    for slug in DEPARTMENTS:
        await upsert(Department(slug=slug, name_fr=slug.title(), name_en=slug.title(), phone="0241000001"))
    await deployments.publish(read_folder(PROCESSES / "incident_report"), ADMINISTRATOR, now)


async def begun(browser: Browser, until: str = "verifier", **changes: str):
    """A report answered as far as this page, which is returned."""
    first = await browser.send(
        "/demarches/incident_report/commencer", {"form": "report"}, page="/demarches/incident_report"
    )
    return await walk(browser, first, {**REPORT, **changes}, until=until)


async def filed(browser: Browser) -> str:
    """A report filed by this browser: its tracking code."""
    review = await begun(browser)
    path = review.url.path.replace("verifier", "envoyer")
    receipt = await browser.client.post(path, data=hidden_fields(review.text), follow_redirects=True)
    return receipt.text.split('code--large">')[1].split("<")[0]


async def a_task_to_answer(now):
    """A case of the roads department that waits for an agent's opinion: (case, task)."""
    await upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    await a_procedure(now, files={"forms/review.schema.json": json.dumps(NOTE).encode()})
    filed_case = await a_case(now)
    from engine import tasks

    return filed_case, (await tasks.of_case(filed_case.case_id))[0]
