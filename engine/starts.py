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
from engine.feel import compile_expression

NAMED = ("message", "signal")
TIMED = ("timeDate", "timeDuration", "timeCycle")


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
