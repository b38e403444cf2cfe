"""Agenda: the operations of a diagram, each repeatable, and the loser told."""

import pytest

from connectors.agenda.connector import AgendaConnector
from connectors.errors import InputMissing
from desk import bookings
from engine.connector import BusinessError
from tests.connectors.postbox import a_job
from tests.desk.builders import a_case, a_room

SLOT = "salle-des-fetes/2026-12-05T09:00/2026-12-05T13:00"


def agenda(case, operation: str, **told):
    return a_job("parvis:agenda", case, input={"operation": operation, "slot": SLOT} | told)


async def test_an_option_is_kept_then_confirmed_then_released(database, now):
    await a_room(now)
    case, connector = await a_case(now), AgendaConnector()

    states = []
    for operation in ("option", "confirm", "release"):
        outcome = await connector.run(agenda(case, operation), now)
        states.append(outcome.variables["agenda"]["state"])

    assert states == ["option", "booked", "released"]
    assert await bookings.of_case(case) == ()


@pytest.mark.parametrize("operation", ["option", "book", "confirm", "release", "check"])
async def test_a_repeated_job_has_no_second_effect(database, now, operation):
    await a_room(now)
    case = await a_case(now)
    job = agenda(case, operation)

    first = await AgendaConnector().run(job, now)
    again = await AgendaConnector().run(job, now)

    assert first.variables == again.variables
    assert len(await bookings.of_case(case)) <= 1


@pytest.mark.parametrize("operation", ["option", "book", "confirm"])
async def test_a_taken_slot_is_the_business_error_of_the_diagram(database, now, operation):
    await a_room(now)
    await bookings.book(await a_case(now), bookings.slot_of_key(SLOT), now)

    with pytest.raises(BusinessError) as refusal:
        await AgendaConnector().run(agenda(await a_case(now), operation), now)

    assert refusal.value.code == "SLOT_TAKEN"


async def test_checking_says_whether_it_is_free(database, now):
    await a_room(now)
    case = await a_case(now)

    before = await AgendaConnector().run(agenda(case, "check"), now)
    await bookings.book(await a_case(now), bookings.slot_of_key(SLOT), now)
    after = await AgendaConnector().run(agenda(case, "check"), now)

    assert [each.variables["agenda"]["free"] for each in (before, after)] == [True, False]


async def test_a_slot_may_be_given_in_parts(database, now):
    await a_room(now)
    parts = {"slot": None, "resource": "salle-des-fetes", "begin": "2026-12-05T08:00:00Z", "until": "2026-12-05T13:00"}

    outcome = await AgendaConnector().run(agenda(await a_case(now), "book", **parts), now)

    assert outcome.variables["agenda"]["slot"] == SLOT


@pytest.mark.parametrize("slot", ["n’importe quoi", "lune/2026-12-05T09:00/2026-12-05T13:00"])
async def test_an_unknown_slot_is_refused(database, now, slot):
    with pytest.raises(BusinessError, match="no such"):
        await AgendaConnector().run(agenda(await a_case(now), "book", slot=slot), now)


async def test_an_unknown_operation_is_refused(database, now):
    with pytest.raises(InputMissing, match="sell"):
        await AgendaConnector().run(agenda(await a_case(now), "sell"), now)
