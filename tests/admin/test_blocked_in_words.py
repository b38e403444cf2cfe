"""What blocks a case is read in the reader's language on every page, and in English by machines."""

import json
from datetime import datetime
from typing import Any

import pytest

from engine import cases, operations, tasks
from engine.bpmn.sizes import MEGABYTE, limit_variables
from tests.admin.test_operating import ask
from tests.bad_input.visitors import Visitors
from tests.engine.bundles import FORM, a_case, a_procedure
from tests.engine.test_incident_languages import UNDECIDED
from tests.web.conftest import Browser

pytestmark = pytest.mark.usefixtures("database")

FRENCH, ENGLISH = "aucune condition de sortie n’est vraie", "no outgoing condition is true"


@pytest.fixture
async def administrator(visitors: Visitors) -> Browser:
    """Somebody who administers."""
    return await visitors.administrator()


@pytest.fixture
async def blocked(now: datetime) -> cases.CaseFiled:
    """A case that no condition lets go on."""
    await a_procedure(now, UNDECIDED)
    return await a_case(now, answers={"amount": 3})


async def test_every_page_of_a_blocked_case_tells_why_in_french(
    administrator: Browser, visitors: Visitors, blocked: cases.CaseFiled
) -> None:
    agent = await visitors.agent("Yann", "voirie")

    pages = [
        await administrator.open("/admin/blocages"),
        await administrator.open(f"/admin/dossiers/{blocked.case_id}/exploitation"),
        await agent.open(f"/agent/dossiers/{blocked.case_id}"),
    ]

    assert [FRENCH in page.text for page in pages] == [True, True, True]
    assert [ENGLISH in page.text for page in pages] == [False, False, False]


async def test_who_reads_english_is_told_in_english(administrator: Browser, blocked: cases.CaseFiled) -> None:
    page = await administrator.open("/admin/blocages?lang=en")

    assert ENGLISH in page.text
    assert FRENCH not in page.text


async def test_variables_beyond_the_limit_are_refused_in_the_words_of_the_reader(
    administrator: Browser, now: datetime
) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [instance] = await operations.instances_of(filed.case_id)
    limit_variables(MEGABYTE // 16)
    try:
        refused: Any = await ask(administrator, filed, "valeur", confirme="1", nom="x", valeur=f'"{"a" * 90_000}"')
    finally:
        limit_variables()

    assert refused.status_code == 413
    assert "Les variables d’un dossier peuvent contenir au plus 0.0625 Mo" in refused.text
    assert "x" not in await operations.variables_of(instance.id)


async def test_answers_beyond_the_limit_are_refused_on_a_page_that_does_not_speak_of_a_file(
    visitors: Visitors, now: datetime
) -> None:
    schema = {**FORM, "properties": {"note": {"type": "string", "title": "Note", "maxLength": 10_000}}}
    await a_procedure(now, files={"forms/review.schema.json": json.dumps(schema).encode()})
    filed = await a_case(now)
    agent = await visitors.agent("Yann", "voirie")
    [task] = await tasks.of_case(filed.case_id)
    limit_variables(6_000)
    try:
        refused: Any = await agent.send(
            f"/agent/taches/{task.id}", {"/note": "a" * 5_900}, page=f"/agent/dossiers/{filed.case_id}"
        )
    finally:
        limit_variables()

    assert refused.status_code == 413
    assert "C’est plus qu’un dossier ne peut contenir" in refused.text
    assert "Ce fichier" not in refused.text
    assert (await tasks.get(task.id)).is_open
