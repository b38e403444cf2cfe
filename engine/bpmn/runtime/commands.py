"""What each command does to a running instance. Every command names a token that waits for it; anything else is
refused."""

from typing import Any

from engine.bpmn.errors import ErrorThrown, NotWaiting, UnknownStart
from engine.bpmn.events.throwing import escalate
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.modifying import modify
from engine.bpmn.runtime.token import ARRIVED, ENTER, FAILED, READY, RUN, STARTED, WAITING, Token
from engine.bpmn.sizes import check_given
from engine.bpmn.storable import storable
from engine.commands import (
    Cancel,
    ChildEnded,
    ChildEscalated,
    Command,
    CompleteJob,
    CompleteTask,
    Deliver,
    FailJob,
    FireTimer,
    Modify,
    Resolve,
    SetVariables,
    Start,
    ThrowError,
)
from engine.effects import CaseChanged, IncidentResolved
from engine.feel.sentences import sentence_kept


def begin(instance: Instance, command: Start) -> None:
    """A new instance starts."""
    if command.start is not None and command.start not in instance.spec.task_specs:
        raise UnknownStart(f"Expected a start event “{command.start}” in {instance.spec.name} but there is none.")
    instance.called = command.called
    instance.write(instance.scope, _given(instance, command.variables))
    instance.begin(start=command.start, came=command.came)
    instance.run_until_waiting()


def apply(instance: Instance, command: Command) -> None:
    """One command moves the instance until every token waits. Raises `NotWaiting`."""
    match command:
        case CompleteTask():
            _finish(_started(instance, command.token, "an answer", "userTask"), _given(instance, command.answers))
        case CompleteJob():
            token = _job(instance, command.token)
            _patch_case(instance, command)
            _finish(token, _given(instance, command.variables))
        case ThrowError():
            token = _job(instance, command.token)
            said = command.message if command.sentence is None else sentence_kept(command.sentence)
            thrown = ErrorThrown(command.code, said, _given(instance, command.variables))
            token._state = READY
            instance.raise_error(token, thrown)
        case FailJob():
            said = command.message if command.sentence is None else sentence_kept(command.sentence)
            instance.fail(_started(instance, command.token, "a job or a called process"), "job", said)
        case FireTimer():
            _fire_timer(instance, command)
        case Deliver():
            _deliver(instance, command)
        case ChildEnded():
            _child_ended(instance, command)
        case ChildEscalated():
            escalate(_started(instance, command.token, "a called process", "callActivity"), command.code)
        case Resolve():
            _resolve(instance, command.token)
        case SetVariables():
            _set_variables(instance, command)
        case Modify():
            modify(instance, command)
        case Cancel():
            instance.outcome = "cancelled"
            instance.cancel_tokens()
            instance.check_end()
        case _:
            raise TypeError(f"unknown command {type(command).__name__}")
    instance.run_until_waiting()


def _given(instance: Instance, values: dict[str, Any]) -> dict[str, Any]:
    """Values from outside as they may be kept. Raises `VariablesTooLarge`."""
    return check_given(instance, storable(values)) if values else values


def _started(instance: Instance, number: int, expected: str, kind: str | None = None) -> Token:
    token = instance.token(number)
    if token is None or token._state != STARTED or (kind is not None and token.task_spec.kind != kind):
        raise NotWaiting(number, expected)
    return token


def _job(instance: Instance, number: int) -> Token:
    token = _started(instance, number, "a job")
    if token.task_spec.extensions.job_type is None:
        raise NotWaiting(number, "a job")
    return token


def _finish(token: Token, result: dict[str, object]) -> None:
    token.result = result
    token.resume()


def _patch_case(instance: Instance, command: CompleteJob) -> None:
    """The case belongs to all of the instance, so every root that knows it learns the change."""
    if not command.case:
        return
    changes = _given(instance, command.case)
    instance.recall_all()
    roots = {frame.scope.root().id: frame.scope.root() for frame in instance.frames()}
    for root in roots.values():
        known = root.values_here.get("case")
        instance.write(root, {"case": {**(known if isinstance(known, dict) else {}), **changes}})
    instance.emit(CaseChanged(changes=changes))


def _fire_timer(instance: Instance, command: FireTimer) -> None:
    token, subscription = instance.token(command.token), instance.event_manager.find(command.token, command.index)
    if token is None or subscription is None or subscription.due is None:
        raise NotWaiting(command.token, "a timer")
    if subscription.due > instance.now:
        # The clock of whoever fires runs ahead: the timer is set again rather than lost or fired early.
        instance.event_manager.reset_timer(subscription, token.start or token.task_spec.name)
    else:
        instance.fire_timer(token, subscription)


def _deliver(instance: Instance, command: Deliver) -> None:
    token, subscription = instance.token(command.token), instance.event_manager.find(command.token, command.index)
    same = subscription is not None and (subscription.kind, subscription.name) == (command.kind, command.name)
    if token is None or token._state != WAITING or subscription is None or not same:
        raise NotWaiting(command.token, f"the {command.kind} {command.name}")
    # What no longer fits in the case is an incident of the element, which keeps it: the sender, and everybody else that
    # the message or signal reaches, go on.
    instance.deliver(subscription, storable(command.variables))


def _child_ended(instance: Instance, command: ChildEnded) -> None:
    token = _started(instance, command.token, "a called process", "callActivity")
    if command.error is not None:
        token._state = READY
        instance.raise_error(token, ErrorThrown(command.error or None))
    else:
        variables = {name: value for name, value in storable(command.variables).items() if name != "case"}
        _finish(token, variables)


def _resolve(instance: Instance, number: int) -> None:
    token = instance.token(number)
    if token is None or token._state != FAILED:
        raise NotWaiting(number, "the end of an incident")
    instance.emit(IncidentResolved(token=number))
    if token.passive:
        instance.opening.append(token)
        instance.open_watchers()
    elif token.stage == ENTER:
        token._state = ARRIVED
        instance.entering.append(token)
    else:
        token._state = READY
        token.stage = max(token.stage, RUN)
        instance.ready.append(token)


def _set_variables(instance: Instance, command: SetVariables) -> None:
    scope = instance.scope
    if command.token is not None:
        token = instance.token(command.token)
        if token is None:
            raise NotWaiting(command.token, "an edit of its variables")
        scope = token.data
    instance.write(scope, check_given(instance, storable(command.variables), scope))
