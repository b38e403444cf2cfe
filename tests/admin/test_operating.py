"""Administrators operate running cases: a reason, a confirmation, then it is done; what is refused is said."""

from datetime import datetime
from typing import Any

import pytest

from engine import batches, cases, deployments, operations, tasks
from engine.cases import CaseFiled
from tests.bad_input.visitors import Visitors
from tests.engine.bundles import REVIEW, a_case, a_procedure
from tests.engine.test_migrations import CHECKED, RENAMED
from tests.web.conftest import Browser

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def administrator(visitors: Visitors) -> Browser:
    """Somebody who administers."""
    return await visitors.administrator()


@pytest.fixture
async def filed(now: datetime) -> CaseFiled:
    """An open case."""
    await a_procedure(now)
    return await a_case(now)


async def ask(browser: Browser, filed: CaseFiled, operation: str, **fields: Any) -> Any:
    """Asks for an operation on the case's own instance."""
    address = f"/admin/dossiers/{filed.case_id}/exploitation"
    [instance, *_] = await operations.instances_of(filed.case_id)
    told = {"operation": operation, "execution": str(instance.id), "motif": "Contrôle", **fields}
    return await browser.send(address, told, page=address)


async def test_an_operation_is_said_back_before_it_is_done(administrator: Browser, filed: CaseFiled) -> None:
    asked = await ask(administrator, filed, "suspendre")
    before = (await operations.instances_of(filed.case_id))[0].suspended_at
    confirmed = await ask(administrator, filed, "suspendre", confirme="1")

    assert (asked.status_code, "Suspendre ce dossier ?" in asked.text, before) == (200, True, None)
    assert "C’est fait" in confirmed.text
    assert "Suspendu depuis" in confirmed.text
    assert (await operations.instances_of(filed.case_id))[0].suspended_at is not None


async def test_a_suspended_task_tells_its_agent_so_and_keeps_what_was_written(
    administrator: Browser, visitors: Visitors, filed: CaseFiled
) -> None:
    agent = await visitors.agent("Yann", "voirie")
    [task] = await tasks.of_case(filed.case_id)
    await ask(administrator, filed, "suspendre", confirme="1")

    answer = await agent.send(f"/agent/taches/{task.id}", {}, page=f"/agent/dossiers/{filed.case_id}")

    assert (answer.status_code, "Ce dossier est suspendu" in answer.text) == (409, True)
    assert (await tasks.get(task.id)).is_open


async def test_what_is_missing_is_asked_for(administrator: Browser, filed: CaseFiled) -> None:
    asked = [
        ("suspendre", {"motif": " "}, "Donnez un motif"),
        ("valeur", {"nom": "amount", "valeur": "douze"}, "pas du JSON"),
        ("valeur", {"nom": "", "valeur": "12"}, "nom de la valeur"),
        ("parcours", {}, "Choisissez ce qu’il faut"),
        ("parcours", {"terminer": "un"}, "Choisissez ce qu’il faut"),
        ("exploser", {}, "inconnue"),
    ]

    answers = [(await ask(administrator, filed, operation, **fields), said) for operation, fields, said in asked]

    assert [(answer.status_code, said in answer.text) for answer, said in answers] == [(422, True)] * len(asked)


async def test_a_case_is_moved_to_another_element_from_the_page(administrator: Browser, filed: CaseFiled) -> None:
    [instance] = await operations.instances_of(filed.case_id)
    [token] = await operations.tokens_at(instance.id, ["Review"])
    fields = {"commencer": "Call", "terminer": str(token)}

    drawn = await administrator.open(f"/admin/dossiers/{filed.case_id}/exploitation/chiffres")
    asked = await ask(administrator, filed, "parcours", **fields)
    await ask(administrator, filed, "parcours", confirme="1", **fields)

    assert drawn.json() == {"Review": {"open": 1, "late": 0, "incidents": 0}}
    assert "Examiner la demande" in asked.text
    assert [task.element for task in await tasks.of_case(filed.case_id) if task.is_open] == ["Call"]


async def test_what_is_refused_says_why_and_changes_nothing(
    administrator: Browser, filed: CaseFiled, now: datetime
) -> None:
    [instance] = await operations.instances_of(filed.case_id)
    [token] = await operations.tokens_at(instance.id, ["Review"])
    [other] = await operations.instances_of((await a_case(now, key="k2")).case_id)

    ending_all = await ask(administrator, filed, "parcours", confirme="1", terminer=str(token))
    of_another_case = await ask(administrator, filed, "suspendre", confirme="1", execution=str(other.id))
    open_still = [task.is_open for task in await tasks.of_case(filed.case_id)]
    await ask(administrator, filed, "annuler", confirme="1")
    too_late = await ask(administrator, filed, "suspendre", confirme="1")

    assert (ending_all.status_code, "annulez-le plutôt" in ending_all.text) == (422, True)
    assert (of_another_case.status_code, open_still) == (404, [True])
    assert (await operations.instances_of(other.case_id))[0].suspended_at is None
    assert (too_late.status_code, "déjà terminé" in too_late.text) == (409, True)
    assert (await cases.get(filed.case_id)).state == "cancelled"


async def test_a_value_is_edited_and_any_step_can_be_seen_again(administrator: Browser, filed: CaseFiled) -> None:
    await ask(administrator, filed, "valeur", nom="amount", valeur="12", confirme="1")
    address = f"/admin/dossiers/{filed.case_id}/exploitation"
    shown = await administrator.open(address)
    first = shown.text.split("?etape=")[-1].split("#")[0]

    then = await administrator.open(f"{address}?etape={first}")

    assert "amount" in shown.text
    assert "Revenir à maintenant" in then.text
    assert "amount" not in then.text.split('id="etape"')[1].split("Ce qui s’est passé")[0]


async def test_cases_are_judged_then_moved_by_a_batch(administrator: Browser, filed: CaseFiled, now: datetime) -> None:
    old = await deployments.active("petition")
    new = await a_procedure(now, RENAMED)
    address = f"/admin/versions/{old.id}/migrer"

    stays = await administrator.open(f"{address}?vers={new.id}")
    moves = await administrator.open(f"{address}?vers={new.id}&element.Review=Examine")
    fields = {"vers": str(new.id), "element.Review": "Examine", "motif": "Étude"}
    asked = await administrator.send(address, fields, page=address)
    begun = await administrator.send(address, {**fields, "confirme": "1"}, page=address)
    await batches.advance(10, now)
    finished = await administrator.open(begun.url.path)

    assert "n’a pas d’équivalent" in stays.text
    assert "1 dossier peut migrer" in moves.text
    assert "Faire passer 1 dossier à la version 2 ?" in asked.text
    assert (begun.url.path.startswith("/admin/lots/"), "1 à venir" in begun.text) == (True, True)
    assert ("Terminé" in finished.text, "1 dossier traité" in finished.text) == (True, True)
    assert (await cases.get(filed.case_id)).definition_hash == new.hash


async def test_a_migration_needs_a_reason_and_versions_of_one_procedure(
    administrator: Browser, filed: CaseFiled, now: datetime
) -> None:
    old = await deployments.active("petition")
    new, other = await a_procedure(now, CHECKED), await a_procedure(now, REVIEW, slug="other")
    address = f"/admin/versions/{old.id}/migrer"

    unexplained = await administrator.send(address, {"vers": str(new.id), "motif": ""}, page=address)
    elsewhere = await administrator.open(f"{address}?vers={other.id}")
    nowhere = await administrator.open(f"{address}?vers={new.id}&element.Nothing=Review")

    assert (unexplained.status_code, "Donnez un motif" in unexplained.text) == (422, True)
    assert elsewhere.status_code == 404
    assert (nowhere.status_code, "n’a pas d’élément « Nothing »" in nowhere.text) == (422, True)


async def test_chosen_cases_are_suspended_together(administrator: Browser, filed: CaseFiled, now: datetime) -> None:
    other = await a_case(now, key="k2")
    listed = await administrator.open("/admin/dossiers")
    fields = {"dossier": [str(filed.case_id), str(other.case_id)], "operation": "suspendre", "motif": "Contrôle"}

    asked = await administrator.send("/admin/lots", fields)
    begun = await administrator.send("/admin/lots", {**fields, "confirme": "1"})
    await administrator.send(f"{begun.url.path}/pause")
    paused = await batches.advance(10, now)
    await administrator.send(f"{begun.url.path}/continuer")
    await batches.advance(10, now)

    assert str(other.case_id) in listed.text
    assert "Suspendre 2 dossiers ?" in asked.text
    assert paused == 0
    assert (await operations.instances_of(other.case_id))[0].suspended_at == now
    assert "Suspension de dossiers" in (await administrator.open("/admin/lots")).text
