"""A start that cannot file its case is seen where its procedure is administered."""

from datetime import datetime, timedelta

import pytest

from engine import timers
from tests.bad_input.visitors import Visitors
from tests.engine.bundles import a_procedure
from tests.engine.test_waking import EVERY_DAY, NO_TITLE

pytestmark = pytest.mark.usefixtures("database")


async def test_a_start_that_fails_is_told_on_the_page_of_its_procedure(now: datetime, visitors: Visitors) -> None:
    administrator = await visitors.administrator()
    await a_procedure(now, EVERY_DAY, title_of_case=NO_TITLE)
    before = await administrator.open("/admin/demarches/petition")

    await timers.fire_due(10, now + timedelta(days=1))
    after = await administrator.open("/admin/demarches/petition")

    assert "ne l’a pas pu" not in before.text
    assert "Le départ « Morning » devait déposer un dossier" in after.text
    assert "rien n’en est perdu" in after.text
