"""What an instance waits for: timers, messages, signals and conditions, indexed by what wakes them.

SpiffWorkflow's event manager keeps one list and matches by class; here each subscription is found by its name and key.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from SpiffWorkflow.bpmn.util.event import EventManager

from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.calendar import Cycle
from engine.bpmn.events.definitions import (
    Condition,
    EventDefinition,
    Message,
    MultipleEventDefinition,
    Signal,
    parts_of,
)
from engine.bpmn.events.timers import Timer
from engine.bpmn.expressions import text_of
from engine.bpmn.scopes import Scope
from engine.effects import SubscriptionClosed, SubscriptionOpened, TimerCleared, TimerSet
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.runtime.instance import Instance
    from engine.bpmn.runtime.token import Token


class Subscription(msgspec.Struct):
    """One thing one token waits for. `key` is of a message, `due` and `cycle` of a timer, `held` of a condition."""

    token: int
    index: int
    kind: str
    name: str = ""
    key: str | None = None
    due: datetime | None = None
    cycle: Cycle | None = None
    held: bool = False


class Subscriptions(EventManager):
    """All subscriptions of one instance."""

    def __init__(self, workflow: "Instance") -> None:
        self.workflow = workflow
        self.by_token: dict[int, dict[int, Subscription]] = {}
        self.by_name: dict[tuple[str, str], dict[tuple[int, int], Subscription]] = {}
        self.conditions: dict[tuple[int, int], Subscription] = {}

    def __iter__(self) -> Iterator[Subscription]:
        for each in self.by_token.values():
            yield from each.values()

    def find(self, token: int, index: int) -> Subscription | None:
        """The subscription of this token and definition."""
        return self.by_token.get(token, {}).get(index)

    def of(self, token: int) -> Collection[Subscription]:
        """What one token waits for."""
        waiting = self.by_token.get(token)
        return waiting.values() if waiting else ()

    def waiting_for(self, kind: str, name: str) -> list[Subscription]:
        """Who waits for this name, the oldest token first."""
        self.workflow.recall_all()
        found = self.by_name.get((kind, name), {})
        return [found[place] for place in sorted(found)]

    def add(self, subscription: Subscription) -> None:
        """Puts a subscription into the indexes."""
        place = subscription.token, subscription.index
        self.by_token.setdefault(subscription.token, {})[subscription.index] = subscription
        if subscription.kind in ("message", "signal"):
            self.by_name.setdefault((subscription.kind, subscription.name), {})[place] = subscription
        elif subscription.kind == "condition":
            self.conditions[place] = subscription

    def open(self, subscription: Subscription, element: str) -> None:
        """A new subscription begins."""
        self.add(subscription)
        self._announce(subscription, element)

    def _announce(self, subscription: Subscription, element: str) -> None:
        token, index, emit = subscription.token, subscription.index, self.workflow.emit
        match subscription.kind:
            case "timer" if subscription.due is not None:
                emit(TimerSet(token=token, index=index, element=element, due=subscription.due))
            case "message":
                emit(_opened(subscription, element, "message"))
            case "signal":
                emit(_opened(subscription, element, "signal"))

    def reset_timer(self, subscription: Subscription, element: str) -> None:
        """The timer has a new due date, or none any more."""
        if subscription.due is None:
            self.close(subscription)
        else:
            self._announce(subscription, element)

    def close(self, subscription: Subscription) -> None:
        """The token no longer waits for this."""
        token, index = subscription.token, subscription.index
        self.by_token[token].pop(index, None)
        if not self.by_token[token]:
            del self.by_token[token]
        named = self.by_name.get((subscription.kind, subscription.name))
        if named is not None:
            named.pop((token, index), None)
        self.conditions.pop((token, index), None)
        if subscription.kind == "timer":
            self.workflow.emit(TimerCleared(token=token, index=index))
        elif subscription.kind in ("message", "signal"):
            self.workflow.emit(SubscriptionClosed(token=token, index=index))

    def close_all(self, token: "Token") -> None:
        """The token no longer waits for anything."""
        waiting = self.by_token.get(token.id)
        if waiting:
            for subscription in list(waiting.values()):
                self.close(subscription)


def planned(token: "Token", definition: EventDefinition, scope: Scope) -> list[Subscription]:
    """What the token would subscribe to, fully evaluated; nothing is changed. Raises `ElementFailed`."""
    seen = token.progress.get("seen", ())
    parts = ((index, part) for index, part in enumerate(parts_of(definition)) if index not in seen)
    found = (_planned_part(token, index, part, scope) for index, part in parts)
    return [subscription for subscription in found if subscription is not None]


def place_of(definition: EventDefinition, came: tuple[str, str] | None, scope: Scope, now: datetime) -> int | None:
    """Which of several things that must all come has come; absent where one is enough."""
    if not isinstance(definition, MultipleEventDefinition) or not definition.parallel:
        return None
    for index, part in enumerate(parts_of(definition)):
        if came is None and isinstance(part, Timer):
            return index
        named = "message" if isinstance(part, Message) else "signal" if isinstance(part, Signal) else ""
        if came is not None and came[0] == named and came[1] == text_of(part.title, scope, now):  # type: ignore[union-attr]
            return index
    return 0


def _planned_part(token: "Token", index: int, part: Any, scope: Scope) -> Subscription | None:
    now = token.now
    match part:
        case Timer():
            due, cycle = part.due(scope, now)
            return None if due is None else Subscription(token.id, index, "timer", due=due, cycle=cycle)
        case Message():
            key = text_of(part.key, scope, now)
            if part.key is not None and key is None:
                names = tuple(sorted(part.key.free_names))
                raise ElementFailed(
                    "expression", Sentence("The correlation key “{0}” is null.", (part.key.text,)), names
                )
            return Subscription(token.id, index, "message", text_of(part.title, scope, now) or "", key)
        case Signal():
            return Subscription(token.id, index, "signal", text_of(part.title, scope, now) or "")
        case Condition():
            part.condition.of(scope, now)
            return Subscription(token.id, index, "condition")
    return None


def _opened(subscription: Subscription, element: str, kind: Any) -> SubscriptionOpened:
    return SubscriptionOpened(
        token=subscription.token,
        index=subscription.index,
        element=element,
        kind=kind,
        name=subscription.name,
        key=subscription.key,
    )
