"""Timers, messages and signals: waking cases, and starting them."""

import asyncio
from datetime import datetime, timedelta

import pytest

from engine import cases, dispatch, incidents, messages, starts, tasks, timers
from engine.bpmn import sizes
from engine.bpmn.errors import VariablesTooLarge
from engine.commands import SetVariables
from engine.store.statements import rows, run, value
from engine.tasks import InboxFilters, Page
from engine.wake import Hint, on_wake
from tests.engine.bundles import ADMINISTRATOR, AGENT, CITIZEN, MISSING_PAPER, PAYMENT, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")

EVERY_DAY = """
<startEvent id="Morning"><timerEventDefinition><timeCycle>="R3/P1D"</timeCycle></timerEventDefinition></startEvent>
<sequenceFlow id="f1" sourceRef="Morning" targetRef="Look"/>
<userTask id="Look" name="Regarder"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f2" sourceRef="Look" targetRef="Done"/>
<endEvent id="Done"/>
"""
ON_ALARM = EVERY_DAY.replace(
    '<timerEventDefinition><timeCycle>="R3/P1D"</timeCycle></timerEventDefinition>',
    '<messageEventDefinition messageRef="alarm"/>',
)
ON_STORM = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Storm"/>
<intermediateCatchEvent id="Storm"><signalEventDefinition signalRef="storm"/></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="Storm" targetRef="Done"/>
<endEvent id="Done"/>
"""


ON_RECEPTION = """
<receiveTask id="Received" messageRef="alarm" instantiate="true"/>
<sequenceFlow id="f1" sourceRef="Received" targetRef="Look"/>
<userTask id="Look" name="Regarder"><extensionElements><zeebe:userTask/></extensionElements></userTask>
"""
ON_EITHER = """
<eventBasedGateway id="Either" instantiate="true"/>
<sequenceFlow id="g1" sourceRef="Either" targetRef="Alarm"/>
<sequenceFlow id="g2" sourceRef="Either" targetRef="Storm"/>
<intermediateCatchEvent id="Alarm"><messageEventDefinition messageRef="alarm"/></intermediateCatchEvent>
<intermediateCatchEvent id="Storm"><signalEventDefinition signalRef="storm"/></intermediateCatchEvent>
<sequenceFlow id="f1" sourceRef="Alarm" targetRef="Look"/>
<sequenceFlow id="f2" sourceRef="Storm" targetRef="Look"/>
<userTask id="Look" name="Regarder"><extensionElements><zeebe:userTask/></extensionElements></userTask>
"""
TWO_POOLS = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Done"/><endEvent id="Done"/>
</process><process id="other" isExecutable="true">
<startEvent id="Storm"><signalEventDefinition signalRef="storm"/></startEvent>
<sequenceFlow id="f2" sourceRef="Storm" targetRef="Look"/>
<userTask id="Look" name="Regarder"><extensionElements><zeebe:userTask/></extensionElements></userTask>
"""


async def test_a_timer_fires_when_it_is_due_and_not_before(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    due = now + timedelta(days=15)

    early = await timers.fire_due(10, due - timedelta(seconds=1))
    on_time = await timers.fire_due(10, due)

    case = await cases.get(filed.case_id)
    assert (early, on_time) == (0, 1)
    assert (case.state, case.decision, case.closed_at) == ("closed", "closed", due)
    assert await timers.next_due() is None


async def test_a_timer_fires_once_for_several_workers_after_long_downtime(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    for n in range(5):
        await a_case(now, key=f"k{n}")
    later = now + timedelta(days=60)

    fired = await asyncio.gather(*(timers.fire_due(10, later) for _ in range(4)))

    assert sum(fired) == 5
    assert await value("SELECT count(*) FROM engine_case WHERE state = 'closed'") == 5


async def test_a_completed_task_takes_its_timer_away(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    [asked] = await tasks.open_for_applicant(filed.case_id)

    await tasks.complete(asked.id, {}, CITIZEN, now)

    assert await timers.next_due() is None


async def test_a_message_reaches_the_case_with_its_exact_key(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    first = await a_case(now, answers={"invoice": "F-1"}, key="a")
    second = await a_case(now, answers={"invoice": "F-2"}, key="b")

    reached = await messages.publish("payment", "F-2", {"paid": 12}, now=now)

    assert reached == 1
    assert await tasks.of_case(first.case_id) == []
    assert [task.element for task in await tasks.of_case(second.case_id)] == ["Review"]


async def test_a_message_nobody_waits_for_is_kept_for_its_time_to_live(now: datetime) -> None:
    await a_procedure(now, PAYMENT)

    await messages.publish("payment", "F-1", {}, now=now, ttl=timedelta(hours=1))
    await messages.publish("payment", "F-9", {}, now=now - timedelta(hours=2), ttl=timedelta(hours=1))
    in_time = await a_case(now, answers={"invoice": "F-1"}, key="a")
    too_late = await a_case(now, answers={"invoice": "F-9"}, key="b")

    assert [task.element for task in await tasks.of_case(in_time.case_id)] == ["Review"]
    assert await tasks.of_case(too_late.case_id) == []


async def test_a_message_id_is_delivered_once(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    await a_case(now, answers={"invoice": "F-1"}, key="a")

    first = await messages.publish("payment", "F-1", {}, now=now, message_id="m1")
    await a_case(now, answers={"invoice": "F-1"}, key="b")
    second = await messages.publish("payment", "F-1", {}, now=now, message_id="m1")

    assert (first, second) == (1, 0)


async def test_of_messages_published_at_once_only_the_first_is_taken_and_the_others_are_kept(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    filed = await a_case(now, answers={"invoice": "F-1"}, key="a")
    day = timedelta(days=1)

    reached = await asyncio.gather(
        *(messages.publish("payment", "F-1", {}, now=now, message_id=f"m{n}", ttl=day) for n in range(4))
    )

    assert sorted(reached) == [0, 0, 0, 1]
    assert [task.element for task in await tasks.of_case(filed.case_id)] == ["Review"]
    assert await value("SELECT count(*) FROM engine_message WHERE consumed_at IS NULL") == 3


async def test_a_message_for_nobody_without_time_to_live_reaches_nobody_and_is_not_kept(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    await a_case(now, answers={"invoice": "F-1"})

    reached = [await messages.publish(name, key, {}, now=now) for name, key in (("payment", "F-2"), ("nothing", None))]
    later = await a_case(now, answers={"invoice": "F-2"}, key="k2")

    assert reached == [0, 0]
    assert await tasks.of_case(later.case_id) == []


async def test_expired_messages_are_forgotten(now: datetime) -> None:
    await messages.publish("payment", "F-1", {}, now=now, ttl=timedelta(hours=1))

    assert await messages.forget_expired(now + timedelta(days=2)) == 1


async def test_a_signal_reaches_everybody(now: datetime) -> None:
    await a_procedure(now, ON_STORM)
    for n in range(3):
        await a_case(now, key=f"k{n}")

    reached = await messages.broadcast("storm", {}, now=now)

    assert reached == 3
    assert await value("SELECT count(*) FROM engine_case WHERE state = 'closed'") == 3


async def test_a_timer_start_files_a_case_each_time(now: datetime) -> None:
    await a_procedure(now, EVERY_DAY)

    fired = [await timers.fire_due(10, now + timedelta(days=day)) for day in range(1, 6)]

    inbox = await tasks.inbox(("voirie",), InboxFilters(), Page(), now)
    assert fired == [1, 1, 1, 0, 0]
    assert len(inbox.tasks) == 3
    assert inbox.tasks[0].origin == "event"


async def test_a_message_starts_a_case_of_the_version_in_service(now: datetime) -> None:
    await a_procedure(now, ON_ALARM)
    await a_procedure(now, ON_ALARM.replace("Regarder", "Regarder mieux"))

    reached = await messages.publish("alarm", None, {"where": "école"}, now=now)

    assert reached == 1
    assert [record["name"] for record in await rows("SELECT name FROM engine_task")] == ["Regarder mieux"]


async def test_hints_come_after_the_commit(now: datetime) -> None:
    await a_procedure(now)
    heard: list[str] = []

    async def listen(hint: Hint) -> None:
        heard.append(hint.topic)

    on_wake(listen)
    try:
        filed = await a_case(now)
        [task] = await tasks.of_case(filed.case_id)
        await tasks.complete(task.id, {}, AGENT, now)
    finally:
        on_wake(None)

    assert "inbox:voirie" in heard
    assert "jobs" in heard
    assert f"case:{filed.case_id}" in heard


OPENED = "SELECT element FROM engine_task WHERE state = 'open'"


async def test_a_receive_task_that_instantiates_begins_a_case_at_each_message(now: datetime) -> None:
    await a_procedure(now, ON_RECEPTION, start_forms=[])

    reached = [await messages.publish("alarm", None, {}, now=now) for _ in range(2)]

    assert reached == [1, 1]
    assert [record["element"] for record in await rows(OPENED)] == ["Look", "Look"]


async def test_an_event_gateway_that_instantiates_begins_a_case_at_whichever_event_comes(now: datetime) -> None:
    await a_procedure(now, ON_EITHER, start_forms=[])

    reached = await messages.publish("alarm", None, {}, now=now), await messages.broadcast("storm", {}, now=now)

    assert reached == (1, 1)
    assert [record["element"] for record in await rows(OPENED)] == ["Look", "Look"]
    assert await value("SELECT count(*) FROM engine_subscription WHERE instance_id IS NOT NULL") == 0


async def test_the_second_process_of_a_bundle_is_begun_by_its_own_event(now: datetime) -> None:
    await a_procedure(now, TWO_POOLS)

    reached = await messages.broadcast("storm", {}, now=now)

    assert reached == 1
    assert [record["element"] for record in await rows(OPENED)] == ["Look"]


async def test_a_retired_version_is_begun_by_nothing_any_more(now: datetime) -> None:
    await a_procedure(now, ON_RECEPTION, start_forms=[])

    await a_procedure(now, PAYMENT)

    assert await messages.publish("alarm", None, {}, now=now) == 0


async def test_a_cron_start_event_begins_a_case_each_time(now: datetime) -> None:
    await a_procedure(now, EVERY_DAY.replace("R3/P1D", "0 8 * * MON-FRI"))
    days = [now + timedelta(days=n) for n in range(8)]  # Tuesday to Tuesday, at ten in the town.

    fired = [await timers.fire_due(10, day) for day in days]

    assert fired == [0, 1, 1, 1, 0, 0, 1, 1]


async def test_a_timer_that_cannot_be_fired_holds_up_no_other_and_stays_due(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    for n in range(4):
        await a_case(now, key=f"k{n}")
    broken = await value("SELECT id FROM engine_instance ORDER BY id OFFSET 1 LIMIT 1")
    await run("UPDATE engine_instance SET state = 'no state', rev = rev + 1 WHERE id = $1", broken)

    fired = await timers.fire_due(10, now + timedelta(days=15))

    assert fired == 3
    assert [record["instance_id"] for record in await rows("SELECT instance_id FROM engine_timer")] == [broken]


LIMIT = 256 * 1024
FULL, BROUGHT = "a" * (LIMIT * 3 // 4), {"brought": "b" * (LIMIT // 2)}


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case may hold `LIMIT` bytes."""
    monkeypatch.setattr(sizes._limit, "most", LIMIT)


@pytest.mark.usefixtures("little_room")
async def test_a_signal_that_no_longer_fits_in_one_case_still_reaches_all_the_others(now: datetime) -> None:
    await a_procedure(now, ON_STORM)
    filed = [await a_case(now, key=f"k{n}", answers={"kept": FULL} if n == 1 else {}) for n in range(3)]

    reached = await messages.broadcast("storm", BROUGHT, now=now)

    assert reached == 3
    assert [(await cases.get(case.case_id)).state for case in filed] == ["closed", "blocked", "closed"]
    [incident] = await incidents.open_of(None)
    assert "at most" in incident.message


@pytest.mark.usefixtures("little_room")
async def test_a_message_that_was_kept_and_no_longer_fits_blocks_the_case_it_meets(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    await messages.publish("payment", "F-1", BROUGHT, now=now, ttl=timedelta(hours=1))

    filed = await a_case(now, answers={"invoice": "F-1", "kept": FULL})
    [incident] = await incidents.of_case(filed.case_id)
    instance_id = incident.instance_id
    await dispatch.carry(instance_id, SetVariables(variables={"answers": {}}), ADMINISTRATOR, now)
    await incidents.resolve(incident.id, ADMINISTRATOR, now)

    assert [task.element for task in await tasks.of_case(filed.case_id)] == ["Review"]
    assert (await cases.get(filed.case_id)).state == "open"


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(hours=1)])
@pytest.mark.usefixtures("little_room")
async def test_more_than_any_case_may_hold_is_refused_to_the_publisher_and_not_kept(
    now: datetime, ttl: timedelta
) -> None:
    with pytest.raises(VariablesTooLarge):
        await messages.publish("payment", "F-1", {"brought": "b" * (LIMIT + 1)}, now=now, ttl=ttl)
    with pytest.raises(VariablesTooLarge):
        await messages.broadcast("storm", {"brought": "b" * (LIMIT + 1)}, now=now)

    assert await value("SELECT count(*) FROM engine_message") == 0


THROWS_WHEN_DUE = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Later"/>
<intermediateCatchEvent id="Later"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1H</timeDuration>
  </timerEventDefinition></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="Later" targetRef="Warn"/>
<intermediateThrowEvent id="Warn">
  <extensionElements><zeebe:ioMapping><zeebe:input source="=answers.words" target="words"/></zeebe:ioMapping>
  </extensionElements><signalEventDefinition signalRef="storm"/></intermediateThrowEvent>
<sequenceFlow id="f3" sourceRef="Warn" targetRef="Done"/>
<endEvent id="Done"/>
"""


@pytest.mark.usefixtures("little_room")
async def test_a_timer_whose_signal_no_longer_fits_elsewhere_fires_once(now: datetime) -> None:
    await a_procedure(now, THROWS_WHEN_DUE)
    await a_procedure(now, ON_STORM, slug="storms")
    thrower = await a_case(now, answers={"words": "b" * (LIMIT * 3 // 8)})
    full = await a_case(now, "storms", key="k2", answers={"kept": FULL})
    due = now + timedelta(hours=1)

    fired = [await timers.fire_due(10, due) for _ in range(2)]

    assert fired == [1, 0]
    assert [(await cases.get(case.case_id)).state for case in (thrower, full)] == ["closed", "blocked"]


# FEEL gives up on so long a list.
NO_TITLE = '=string(count(for i in 1..100000000 return i)) + "x"'


async def test_a_start_timer_whose_case_cannot_be_filed_rests_longer_each_time_and_is_not_lost(now: datetime) -> None:
    deployment = await a_procedure(now, EVERY_DAY, title_of_case=NO_TITLE)
    due = now + timedelta(days=1)

    waits: list[timedelta] = []
    moment = due
    for tried in range(4):
        if tried == 3:
            await run("UPDATE engine_timer SET failures = 50")
        assert await timers.fire_due(10, moment) == 0
        at_once = await timers.next_due()
        assert at_once is not None
        waits.append(at_once - moment)
        moment = at_once

    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 240)]
    [failing] = await starts.failing(deployment.hash)
    assert (failing.element, failing.due_at, failing.next_at, failing.failures) == ("Morning", due, moment, 51)
    assert "at most" in str(failing.sentence)
    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_a_start_timer_that_fires_after_all_counts_its_repetition_from_when_it_was_due(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = await a_procedure(now, EVERY_DAY)
    due = now + timedelta(days=1)
    with monkeypatch.context() as broken:
        broken.setattr("engine.dispatch.file_case", None)
        await timers.fire_due(10, due)
        [failing] = await starts.failing(deployment.hash)

    fired = await timers.fire_due(10, due + timedelta(minutes=1))

    assert str(failing.sentence) == "The case could not be filed (TypeError)."
    assert (fired, await value("SELECT count(*) FROM engine_case")) == (1, 1)
    assert await starts.failing(deployment.hash) == []
    assert await timers.next_due() == due + timedelta(days=1)


async def test_a_start_timer_that_fails_holds_up_no_other(now: datetime) -> None:
    await a_procedure(now, EVERY_DAY, title_of_case=NO_TITLE)
    await a_procedure(now, EVERY_DAY, slug="mornings")

    fired = await timers.fire_due(10, now + timedelta(days=1))

    assert (fired, await value("SELECT procedure FROM engine_case")) == (1, "mornings")
