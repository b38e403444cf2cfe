"""Procedures the town does not have, or no longer has: a calm page, and nothing begun."""

from engine import deployments
from engine.store.statements import value
from tests.bad_input.visitors import a_report_procedure, begun
from tests.engine.bundles import ADMINISTRATOR
from tests.web.conftest import hidden_fields

SLUGS = ("absente", "Incident_Report", "incident_report%20", "..%2Fadmin", "%F0%9F%92%A9")


async def test_an_unknown_procedure_is_a_calm_page(visitors, database):
    citizen = await visitors.stranger()
    form = {"csrf": hidden_fields((await citizen.open("/suivi")).text)["csrf"], "form": "report"}

    pages = [await citizen.open(f"/demarches/{slug}") for slug in SLUGS]
    begun_ones = [await citizen.client.post(f"/demarches/{slug}/commencer", data=form) for slug in SLUGS]

    assert {page.status_code for page in (*pages, *begun_ones)} == {404}
    assert all("Il n’y a rien à cette adresse" in page.text for page in pages)
    assert await value("SELECT count(*) FROM desk_draft") == 0


async def test_a_procedure_that_leaves_service_while_somebody_types_takes_nothing_away(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    review = await begun(citizen)
    await deployments.retire("incident_report", ADMINISTRATOR, now)

    sent = await citizen.client.post(review.url.path.replace("verifier", "envoyer"), data=hidden_fields(review.text))
    shown = await citizen.open(review.url.path)

    assert sent.status_code == 404
    assert "12 rue des Tanneurs" in shown.text
    assert await value("SELECT count(*) FROM engine_case") == 0
