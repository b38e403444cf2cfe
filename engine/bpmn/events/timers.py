"""Timer event definitions: SpiffWorkflow's three kinds, with the instance's time instead of the machine's clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.calendar import Cycle, first_of_cycle, moment_of, said_of, span_of
from engine.bpmn.expressions import Value
from engine.feel.sentences import Sentence


class Timer:
    """What the three kinds share: `due` says when the timer first fires."""

    value: Value

    def __init__(self, name: str, value: Value, **details: Any) -> None:
        super().__init__(name, value.text, **details)  # type: ignore[call-arg]
        self.value = value

    def has_fired(self, my_task: Any) -> bool:
        """Never by itself: timers fire by the command `FireTimer`."""
        return False

    def due(self, scope: Mapping[str, Any], now: datetime) -> tuple[datetime | None, Cycle | None]:
        """The first firing (absent: never) and the repetition after it. Raises `ElementFailed` for a value that is no
        time."""
        found = self.value.of(scope, now)
        try:
            return self._due(found, now)
        except (ValueError, OverflowError) as failure:
            raise ElementFailed(
                "expression", Sentence("timer: {0}", (said_of(failure),)), tuple(sorted(self.value.free_names))
            ) from failure

    def _due(self, found: Any, now: datetime) -> tuple[datetime | None, Cycle | None]:
        raise NotImplementedError


class DateTimer(Timer, TimeDateEventDefinition):
    """Fires at a date."""

    def _due(self, found: Any, now: datetime) -> tuple[datetime | None, Cycle | None]:
        return moment_of(found), None


class DurationTimer(Timer, DurationTimerEventDefinition):
    """Fires after a duration."""

    def _due(self, found: Any, now: datetime) -> tuple[datetime | None, Cycle | None]:
        return span_of(found).after(now), None


class CycleTimer(Timer, CycleTimerEventDefinition):
    """Fires again and again."""

    def _due(self, found: Any, now: datetime) -> tuple[datetime | None, Cycle | None]:
        return first_of_cycle(found, now)
