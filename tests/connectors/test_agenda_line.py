"""A refused booking waits; when the slot is freed its case goes on by itself, with the slot."""

from datetime import timedelta

from connectors.agenda.connector import AgendaConnector
from connectors.runner import Runner
from desk import bookings, waiting
from engine import cases, journal, messages, timers
from engine.store.statements import value
from tests.desk.builders import a_room
from tests.desk.test_bookings import slot_of
from tests.engine.bundles import DEFINITIONS, a_case, a_procedure

BODY = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Book"/>
<serviceTask id="Book" name="Réserver"><extensionElements><zeebe:taskDefinition type="parvis:agenda" retries="2"/>
  <zeebe:ioMapping><zeebe:input source="book" target="operation"/><zeebe:input source="=answers.slot" target="slot"/>
  </zeebe:ioMapping></extensionElements></serviceTask>
<boundaryEvent id="Taken" attachedToRef="Book"><errorEventDefinition errorRef="SLOT_TAKEN"/></boundaryEvent>
<sequenceFlow id="f2" sourceRef="Book" targetRef="Done"/>
<sequenceFlow id="f3" sourceRef="Taken" targetRef="Wait"/>
<serviceTask id="Wait" name="Attendre son tour"><extensionElements>
  <zeebe:taskDefinition type="parvis:agenda" retries="2"/>
  <zeebe:ioMapping><zeebe:input source="wait" target="operation"/><zeebe:input source="booked" target="wanted"/>
  <zeebe:input source="=answers.slot" target="slot"/></zeebe:ioMapping></extensionElements></serviceTask>
<sequenceFlow id="f4" sourceRef="Wait" targetRef="Either"/>
<eventBasedGateway id="Either"/>
<sequenceFlow id="f5" sourceRef="Either" targetRef="Freed"/>
<intermediateCatchEvent id="Freed"><messageEventDefinition messageRef="freed"/></intermediateCatchEvent>
<sequenceFlow id="f6" sourceRef="Freed" targetRef="Done"/>
<sequenceFlow id="f7" sourceRef="Either" targetRef="TooLong"/>
<intermediateCatchEvent id="TooLong"><timerEventDefinition>
  <timeDuration xsi:type="tFormalExpression">P5D</timeDuration></timerEventDefinition></intermediateCatchEvent>
<sequenceFlow id="f8" sourceRef="TooLong" targetRef="Leave"/>
<serviceTask id="Leave" name="Quitter la liste"><extensionElements>
  <zeebe:taskDefinition type="parvis:agenda" retries="2"/>
  <zeebe:ioMapping><zeebe:input source="release" target="operation"/></zeebe:ioMapping>
  </extensionElements></serviceTask>
<sequenceFlow id="f9" sourceRef="Leave" targetRef="Done"/>
<endEvent id="Done"/>
"""
MESSAGE = """<error id="SLOT_TAKEN" errorCode="SLOT_TAKEN"/>
<message id="freed" name="parvis.slot_freed"><extensionElements>
<zeebe:subscription correlationKey="=agenda.place"/></extensionElements></message><message id="alarm" """


async def three_cases(now) -> tuple[Runner, list]:
    """Three cases that want the same slot, in this order."""
    await a_room(now)
    bpmn = DEFINITIONS.format(process="club", body=BODY).replace('<message id="alarm" ', MESSAGE)
    await a_procedure(now, BODY, slug="club", files={"club.bpmn": bpmn.encode()})
    slot, runner = await slot_of(now), Runner({"parvis:agenda": AgendaConnector()}, worker="test")
    filed = []
    for number in range(3):
        moment = now + timedelta(minutes=number)
        case = await a_case(moment, "club", {"slot": slot.key}, key=f"k{number}")
        filed.append(case.case_id)
        while await runner.run_once(moment):
            pass
    return runner, filed


async def states(filed) -> list[tuple[str, list[str]]]:
    return [
        ((await cases.get(each)).state, [booking.state for booking in await bookings.of_case(each)]) for each in filed
    ]


async def test_a_freed_slot_goes_to_the_first_in_line_and_the_case_goes_on(database, now):
    _, filed = await three_cases(now)
    before = await states(filed)

    await bookings.release(filed[0], now + timedelta(hours=1))
    after_one = await states(filed)
    await bookings.release(filed[1], now + timedelta(hours=2))

    assert before == [("closed", ["booked"]), ("open", []), ("open", [])]
    assert after_one == [("closed", []), ("closed", ["booked"]), ("open", [])]
    assert await states(filed) == [("closed", []), ("closed", []), ("closed", ["booked"])]
    assert any("in line" in each.fact for each in await journal.of_case(filed[1]))


async def test_a_withdrawn_case_gives_its_slot_on(database, now):
    from desk import cancellations
    from tests.engine.bundles import AGENT

    _, filed = await three_cases(now)
    await bookings.release(filed[0], now)

    await cancellations.cancel(filed[2], "Erreur", by=AGENT, now=now + timedelta(hours=1))

    assert await value("SELECT state FROM desk_waiting WHERE case_id = $1", filed[2]) == "left"
    assert (await states(filed))[2] == ("cancelled", [])


async def test_who_waited_too_long_leaves_the_line(database, now):
    runner, filed = await three_cases(now)
    later = now + timedelta(days=6)

    while await timers.fire_due(50, later) + await runner.run_once(later):
        pass
    await bookings.release(filed[0], later)

    assert await states(filed) == [("closed", []), ("closed", []), ("closed", [])]


async def test_a_case_that_was_not_told_is_told_by_the_sweep_once(database, now, monkeypatch):
    _, filed = await three_cases(now)

    async def away(*_, **__) -> int:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(messages, "publish", away)
        await bookings.release(filed[0], now)
    kept = await states(filed)
    told = [await waiting.sweep(now + timedelta(minutes=1)) for _ in range(2)]

    assert kept[1] == ("open", ["booked"])
    assert told == [1, 0]
    assert (await states(filed))[1] == ("closed", ["booked"])
