"""Net: what a list of effects leaves to write once openings and closings of the same commit have cancelled out. Pure.

A task opened and withdrawn within one commit never becomes a row; a timer set twice is set once, at its last due time.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from engine.commands import TokenId
from engine.effects import (
    CaseChanged,
    ChildStarted,
    DecisionTraced,
    Effect,
    ElementEntered,
    ElementLeft,
    EscalationUncaught,
    IncidentRaised,
    IncidentResolved,
    InstanceEnded,
    JobCancelled,
    JobQueued,
    MessagePublished,
    SignalBroadcast,
    SubscriptionClosed,
    SubscriptionOpened,
    TaskOpened,
    TaskWithdrawn,
    TimerCleared,
    TimerSet,
    VariablesChanged,
)

Slot = tuple[TokenId, int]
Passage = ElementEntered | ElementLeft | VariablesChanged | DecisionTraced | EscalationUncaught
Sending = MessagePublished | SignalBroadcast | ChildStarted


class Net(msgspec.Struct):
    """Rows to add (`opened…`) and to end (`…ended`), by token or by (token, index)."""

    tasks: dict[TokenId, TaskOpened] = {}
    tasks_ended: set[TokenId] = set()
    jobs: dict[TokenId, JobQueued] = {}
    jobs_ended: set[TokenId] = set()
    timers: dict[Slot, TimerSet] = {}
    timers_ended: set[Slot] = set()
    subscriptions: dict[Slot, SubscriptionOpened] = {}
    subscriptions_ended: set[Slot] = set()
    incidents: dict[TokenId, IncidentRaised] = {}
    incidents_ended: set[TokenId] = set()
    history: list[Passage] = []
    sendings: list[Sending] = []
    case_changes: dict[str, object] = {}
    ended: InstanceEnded | None = None

    def entered(self) -> list[ElementEntered]:
        """Elements entered, in order."""
        return [passage for passage in self.history if isinstance(passage, ElementEntered)]

    def terminated(self) -> set[TokenId]:
        """Tokens whose element was interrupted."""
        return {
            passage.token
            for passage in self.history
            if isinstance(passage, ElementLeft) and passage.outcome == "terminated"
        }


def net_of(effects: Iterable[Effect]) -> Net:
    """Fold effects, in their order, into what is left to write."""
    net = Net()
    fold(net, effects)
    return net


def fold(net: Net, effects: Iterable[Effect]) -> None:
    """Let these effects follow on those the net holds."""
    for effect in effects:
        _FOLDS[type(effect)](net, effect)


def _by_token(opened: str) -> tuple[Callable[[Net, Any], None], Callable[[Net, Any], None]]:
    def open_one(net: Net, effect: Any) -> None:
        getattr(net, opened)[effect.token] = effect

    def end_one(net: Net, effect: Any) -> None:
        getattr(net, opened).pop(effect.token, None)
        getattr(net, f"{opened}_ended").add(effect.token)

    return open_one, end_one


def _by_slot(opened: str) -> tuple[Callable[[Net, Any], None], Callable[[Net, Any], None]]:
    def open_one(net: Net, effect: Any) -> None:
        getattr(net, opened)[effect.token, effect.index] = effect

    def end_one(net: Net, effect: Any) -> None:
        getattr(net, opened).pop((effect.token, effect.index), None)
        getattr(net, f"{opened}_ended").add((effect.token, effect.index))

    return open_one, end_one


def _tell(net: Net, effect: Any) -> None:
    net.history.append(effect)


def _send(net: Net, effect: Any) -> None:
    net.sendings.append(effect)


def _change_case(net: Net, effect: CaseChanged) -> None:
    net.case_changes.update(effect.changes)


def _end(net: Net, effect: InstanceEnded) -> None:
    net.ended = effect


_FOLDS: dict[type[Effect], Callable[[Net, Any], None]] = {
    **dict(zip((TaskOpened, TaskWithdrawn), _by_token("tasks"), strict=True)),
    **dict(zip((JobQueued, JobCancelled), _by_token("jobs"), strict=True)),
    **dict(zip((IncidentRaised, IncidentResolved), _by_token("incidents"), strict=True)),
    **dict(zip((TimerSet, TimerCleared), _by_slot("timers"), strict=True)),
    **dict(zip((SubscriptionOpened, SubscriptionClosed), _by_slot("subscriptions"), strict=True)),
    **dict.fromkeys((ElementEntered, ElementLeft, VariablesChanged, DecisionTraced, EscalationUncaught), _tell),
    **dict.fromkeys((MessagePublished, SignalBroadcast, ChildStarted), _send),
    CaseChanged: _change_case,
    InstanceEnded: _end,
}
