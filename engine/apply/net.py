"""Net: what a list of effects leaves to write once openings and closings of the same advance have cancelled out. Pure.

A task opened and withdrawn within one advance never becomes a row; a timer set twice is set once, at its last due time.
"""

from collections.abc import Iterable

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
    for effect in effects:
        _fold_waiting(net, effect)
        _fold_facts(net, effect)
    return net


def _fold_waiting(net: Net, effect: Effect) -> None:
    match effect:
        case TaskOpened():
            net.tasks[effect.token] = effect
        case TaskWithdrawn(token=token):
            net.tasks.pop(token, None)
            net.tasks_ended.add(token)
        case JobQueued():
            net.jobs[effect.token] = effect
        case JobCancelled(token=token):
            net.jobs.pop(token, None)
            net.jobs_ended.add(token)
        case TimerSet():
            net.timers[effect.token, effect.index] = effect
        case TimerCleared():
            net.timers.pop((effect.token, effect.index), None)
            net.timers_ended.add((effect.token, effect.index))
        case SubscriptionOpened():
            net.subscriptions[effect.token, effect.index] = effect
        case SubscriptionClosed():
            net.subscriptions.pop((effect.token, effect.index), None)
            net.subscriptions_ended.add((effect.token, effect.index))
        case IncidentRaised():
            net.incidents[effect.token] = effect
        case IncidentResolved(token=token):
            net.incidents.pop(token, None)
            net.incidents_ended.add(token)
        case _:
            pass


def _fold_facts(net: Net, effect: Effect) -> None:
    match effect:
        case ElementEntered() | ElementLeft() | VariablesChanged() | DecisionTraced() | EscalationUncaught():
            net.history.append(effect)
        case MessagePublished() | SignalBroadcast() | ChildStarted():
            net.sendings.append(effect)
        case CaseChanged(changes=changes):
            net.case_changes.update(changes)
        case InstanceEnded():
            net.ended = effect
        case _:
            pass
