"""Starts: what begins a process of a version in service when a message, a signal or a time comes. Called by
`engine.deployments`.

Opened when the version is put in service, closed when it is retired: a running case never depends on them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from engine.apply import marks
from engine.bpmn.events.calendar import Cycle, first_of_cycle, moment_of, next_of_cycle, span_of
from engine.deadlines import town_time
from engine.definition import Definition
from engine.elements import EventDetail
from engine.encoding import parse_json
from engine.feel import FeelError, compile_expression
from engine.feel.sentences import Sentence, sentence_kept
from engine.store.statements import rows

NAMED = ("message", "signal")
TIMED = ("timeDate", "timeDuration", "timeCycle")

UNFORESEEN = "The case could not be filed ({0})."
KEPT = ("element", "due_at", "next_at", "failures")
FAILING = """SELECT element, held_due_at AS due_at, due_at AS next_at, failures, failure::text FROM engine_timer
    WHERE definition_hash = $1 AND instance_id IS NULL AND failures > 0 ORDER BY held_due_at, id"""


class FailingStart(msgspec.Struct, frozen=True, kw_only=True):
    """A start timer that should have fired at `due_at` and is tried again at `next_at`; `sentence` says why."""

    element: str
    due_at: datetime
    next_at: datetime
    failures: int
    sentence: Sentence


async def open_starts(definition: Definition, now: datetime) -> None:
    """Wait for the messages, signals and times that start this definition."""
    for element, event in start_events(definition):
        if event.kind in NAMED:
            name = str(_value(event.name or "", now))
            await marks.add_start_subscription(definition.hash, element, event.kind, name)
            continue
        due, cycle = _first(event, now)
        if due is not None:
            await marks.add_start_timer(definition.hash, element, due, None if cycle is None else _cycle_text(cycle))


async def close_starts(definition_hash: str) -> None:
    """Start nothing of this version any more."""
    await marks.delete_starts(definition_hash)


async def repeat(definition_hash: str, element: str, cycle_text: str | None, fired: datetime) -> None:
    """After a start timer has fired: wait for its next time, if it has one."""
    if cycle_text is None:
        return
    due, left = next_of_cycle(msgspec.json.decode(cycle_text, type=Cycle), fired)
    if due is not None:
        await marks.add_start_timer(definition_hash, element, due, _cycle_text(left))


async def rest(timer_id: int, failure: BaseException | None, now: datetime) -> None:
    """A start timer has failed: it is tried again after a pause that grows, and `failing` tells of it until then."""
    # The text of an error that nobody foresaw may hold anything: only its name is told.
    said = failure.sentence if isinstance(failure, FeelError) else Sentence(UNFORESEEN, (type(failure).__name__,))
    await marks.rest_start_timer(timer_id, said.kept(), now)


async def failing(definition_hash: str) -> list[FailingStart]:
    """The start timers of this version whose case could not be filed, the longest due first."""
    return [
        FailingStart(sentence=sentence_kept(parse_json(found["failure"])), **{name: found[name] for name in KEPT})
        for found in await rows(FAILING, definition_hash)
    ]


def start_events(definition: Definition) -> Iterator[tuple[str, EventDetail]]:
    """What begins a process of the definition by waiting for a message, a signal or a time: (element id, what it waits
    for). These are start events, receive tasks marked `instantiate`, and the events behind a gateway so marked.
    """
    for element in definition.elements.values():
        if element.instantiates:
            yield from ((element.id, event) for event in element.events if event.kind in (*NAMED, *TIMED))


def _first(event: EventDetail, now: datetime) -> tuple[datetime | None, Cycle | None]:
    found = _value(event.value or "", now)
    if event.kind == "timeCycle":
        return first_of_cycle(found, now)
    if event.kind == "timeDate":
        return moment_of(found), None
    return span_of(found).after(now), None


def _value(text: str, now: datetime) -> Any:
    """The text as it is, or what its FEEL gives: a start event has no variables yet."""
    return compile_expression(text[1:]).evaluate({}, town_time(now)) if text.startswith("=") else text


def _cycle_text(cycle: Cycle) -> str:
    return msgspec.json.encode(cycle).decode()
