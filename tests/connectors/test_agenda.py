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


RULE = {"slot": "salle-des-fetes/2026-12-02T18:00/2026-12-02T20:00", "rule": "FREQ=WEEKLY;COUNT=10"}


async def test_a_season_is_checked_then_booked_and_its_dates_are_told(database, now):
    await a_room(now)
    case = await a_case(now)

    checked = await AgendaConnector().run(agenda(case, "check", **RULE), now)
    booked = await AgendaConnector().run(agenda(case, "book", **RULE, without=["2026-12-23", "2026-12-30"]), now)

    assert (checked.variables["agenda"]["free"], checked.variables["agenda"]["refused"]) == (True, [])
    told = booked.variables["agenda"]
    assert (told["state"], len(told["dates"]), told["refused"]) == ("booked", 8, [])
    assert told["dates"][-1]["begin"] == "2027-02-03T18:00:00+01:00"
    assert len(await bookings.of_case(case)) == 8


async def test_a_season_with_a_taken_date_is_a_business_error_that_names_it(database, now):
    await a_room(now)
    rival = "salle-des-fetes/2026-12-16T19:00/2026-12-16T21:00"
    await bookings.book(await a_case(now), bookings.slot_of_key(rival), now)
    case = await a_case(now)
    refused = [{"begin": "2026-12-16T18:00:00+01:00", "reason": "taken"}]

    with pytest.raises(BusinessError) as refusal:
        await AgendaConnector().run(agenda(case, "book", **RULE), now)
    partial = await AgendaConnector().run(agenda(case, "option", **RULE, partial=True), now)

    assert (refusal.value.code, refusal.value.variables) == ("SEASON_TAKEN", {"agenda": {"refused": refused}})
    assert (len(partial.variables["agenda"]["dates"]), partial.variables["agenda"]["refused"]) == (9, refused)
    assert [fact for fact, _ in partial.facts][1:] == ["This date of the season is taken: {begin}"]


async def test_a_dry_run_says_of_each_date_whether_it_is_free(database, now):
    await a_room(now)
    await bookings.book(await a_case(now), bookings.slot_of_key(RULE["slot"]), now)

    previewed = await AgendaConnector().preview(agenda(await a_case(now), "book", **RULE), now)

    assert previewed.lines[3:5] == (("mercredi 2 décembre 2026", "déjà prise"), ("mercredi 9 décembre 2026", "libre"))
    assert len(previewed.lines) == 13


@pytest.mark.parametrize("told", [{"rule": "FREQ=WEEKLY"}, {"rule": RULE["rule"], "without": ["Noël"]}])
async def test_a_rule_without_sense_is_refused_in_plain_words(database, now, told):
    await a_room(now)

    with pytest.raises(BusinessError) as refusal:
        await AgendaConnector().run(agenda(await a_case(now), "book", **told), now)

    assert refusal.value.code == "RULE_REFUSED" and "Expected" in refusal.value.message


async def test_a_place_in_line_is_told_with_its_number(database, now):
    await a_room(now)
    holder, case = await a_case(now), await a_case(now)
    await bookings.book(holder, bookings.slot_of_key(SLOT), now)
    job = agenda(case, "wait")

    waiting, again = [(await AgendaConnector().run(job, now)).variables["agenda"] for _ in range(2)]
    await AgendaConnector().run(agenda(holder, "release_slot"), now)
    served = (await AgendaConnector().run(job, now)).variables["agenda"]

    assert waiting == again and (waiting["state"], waiting["number"]) == ("waiting", 1)
    assert (served["state"], served["place"]) == ("option", waiting["place"])
