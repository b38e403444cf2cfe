"""Modifying: an administrator begins elements and ends tokens of a running instance, whatever its flows say.

A container that must run around the element is begun with its inputs and its watching events, but without its own
start. What would leave the instance with nothing that can move, or cannot be undone faithfully, is refused with the
reason.
"""

from typing import Any

from engine.bpmn.activities.loops import MultiInstance
from engine.bpmn.activities.mapping import mapped_inputs
from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.catching import BoundaryEvent
from engine.bpmn.gateways.joins import take_one_each
from engine.bpmn.runtime.frame import Frame, SubFrame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.token import RUN, STARTED, Token
from engine.bpmn.sizes import check_given
from engine.bpmn.storable import storable
from engine.commands import Activation, Modify
from engine.errors import ModificationRefused

UNKNOWN = "The version this case runs on has no element “{element}”."
ATTACHED = "“{element}” is attached to an activity: it begins when its event happens."
UNDOES = "“{element}” undoes an activity: it runs during a compensation only."
BY_EVENT = "“{element}” begins by its event: name an element inside it."
INTERRUPTS = "“{element}” ends all that runs beside it when its event happens: bring that event about instead."
CALLED = "“{element}” belongs to the called process “{process}”, which does not run now: begin what calls it."

REPEATED = "“{element}” is inside “{container}”, which is repeated: begin the whole of it, or name one that runs."
SEVERAL = "“{container}” runs several times now: say in which one of them “{element}” begins ({tokens})."
ELSEWHERE = "What runs as number {token} is not around “{element}”."
FAILED = "“{element}” cannot begin: {why}"
GONE = "Nothing runs here as number {token}: it may have ended meanwhile."
WATCHES = "“{element}” only watches: end the activity it is attached to."
UNDOING = "“{element}” is being undone: wait for the end of the compensation."
LOOPS = "“{element}” is one turn of a loop: end the whole activity."
NOTHING_LEFT = "Nothing of the case would be left to do: cancel it instead, or begin an element."
STUCK = "“{element}” would wait for ever for a branch that is gone: begin it as well."


def modify(instance: Instance, command: Modify) -> None:
    """Begins and ends what the command says, then moves until all waits. Raises `ModificationRefused`; the instance is
    then of no use any more.
    """
    instance.recall_all()
    waiting_before = _stuck_joins(instance)
    for activation in command.activate:
        _activate(instance, activation)
    emptied = [_terminate(instance, number) for number in command.terminate]
    for frame in emptied:
        _prune(instance, frame)
    instance.run_until_waiting()
    _refuse_dead_ends(instance, waiting_before)


# --- beginning -------------------------------------------------------------------------------------------------------


def _activate(instance: Instance, activation: Activation) -> None:
    element = activation.element
    spec = _spec_of(instance, element)
    node = spec.task_specs[element]
    _check_can_begin(node)
    frame = _frame_for(instance, spec.name, element, activation.inside)
    instance.write(frame.scope, check_given(instance, storable(activation.variables), frame.scope))
    if element in frame.unstarted:
        frame.unstarted.remove(element)
    if frame.arrivals.get(element):
        # A join is told to go on with what it has.
        take_one_each(node.inflows, frame.arrivals[element])
    frame.spawn(node, frame.scope)


def _spec_of(instance: Instance, element: str) -> Any:
    for spec in instance.model.specs.values():
        if element in spec.task_specs:
            return spec
    raise ModificationRefused(UNKNOWN, element=element)


def _check_can_begin(node: Any) -> None:
    title = _title(node)
    if isinstance(node, BoundaryEvent):
        raise ModificationRefused(ATTACHED, element=title)
    if node.for_compensation:
        raise ModificationRefused(UNDOES, element=title)
    if node.kind == "eventSubProcess":
        raise ModificationRefused(BY_EVENT, element=title)


def _frame_for(instance: Instance, spec: str, element: str, inside: int | None) -> Frame:
    """The frame that runs this spec; one is opened when none does."""
    running = [frame for frame in instance.frames() if frame.spec.name == spec and not frame.undoing]
    if inside is not None:
        running = [frame for frame in running if _is_around(frame, inside)]
    if len(running) == 1:
        return running[0]
    if running:
        tokens = ", ".join(str(frame.key) for frame in running)
        raise ModificationRefused(SEVERAL, element=element, container=spec, tokens=tokens)
    if inside is not None and instance.token(inside) is None:
        raise ModificationRefused(ELSEWHERE, element=element, token=inside)
    return _open_around(instance, spec, element, inside)


def _is_around(frame: Frame, token: int) -> bool:
    current: Frame | None = frame
    while current is not None and current.host is not None:
        if token in (current.key, current.host.body.id if current.host.body is not None else None):
            return True
        current = current.host.workflow
    return token == 0


def _open_around(instance: Instance, spec: str, element: str, inside: int | None) -> SubFrame:
    if spec in instance.model.processes:
        raise ModificationRefused(CALLED, element=element, process=spec)
    outer = _spec_of(instance, spec)
    container = outer.task_specs[spec]
    if container.loop is not None:
        raise ModificationRefused(REPEATED, element=element, container=_title(container))
    if container.kind == "eventSubProcess" and _interrupts(instance, spec):
        raise ModificationRefused(INTERRUPTS, element=_title(container))
    frame = _frame_for(instance, outer.name, element, inside)
    if container.name in frame.unstarted:
        frame.unstarted.remove(container.name)
    return _begin_container(instance, frame, container)


def _begin_container(instance: Instance, frame: Frame, container: Any) -> SubFrame:
    host = frame.spawn(container, frame.scope)
    instance.entering.remove(host)
    try:
        host.local = mapped_inputs(container, host)
        host.stage, host._state = RUN, STARTED
        frame.arm_boundary(host)
        inner = instance.open_frame(host, container.spec, container.inner_scope(host))
    except ElementFailed as failed:
        raise ModificationRefused(FAILED, element=_title(container), why=failed.message) from failed
    inner.watch_event_subprocesses()
    return inner


def _interrupts(instance: Instance, spec: str) -> bool:
    return any(start.interrupting for start in instance.model.specs[spec].starts_of_event_subprocess())


# --- ending ----------------------------------------------------------------------------------------------------------


def _terminate(instance: Instance, number: int) -> Frame:
    """Ends one token. Returns its frame, which may be empty now."""
    token = instance.token(number)
    if token is None:
        raise ModificationRefused(GONE, token=number)
    title = _title(token.task_spec)
    if token.passive:
        raise ModificationRefused(WATCHES, element=title)
    if token.compensates is not None or token.pending or token.workflow.undoing:
        raise ModificationRefused(UNDOING, element=title)
    frame = token.workflow
    _end(token)
    return frame


def _end(token: Token) -> None:
    body = token.body
    if body is None:
        token.cancel()
    elif isinstance(token.task_spec.loop, MultiInstance):
        token.task_spec.loop.iteration_terminated(token)
    else:
        raise ModificationRefused(LOOPS, element=_title(token.task_spec))


def _prune(instance: Instance, frame: Frame) -> None:
    """A container in which nothing runs any more has ended with what ran in it, and does not go on."""
    if not isinstance(frame, SubFrame) or instance.subprocesses.get(frame.key) is not frame:
        return
    if frame.live or not frame.owner.is_live:
        return
    if frame.unstarted:
        # Of an ad-hoc sub-process, the next activity begins.
        frame.check_end()
        return
    outer = frame.owner.workflow
    _end(frame.owner)
    _prune(instance, outer)


# --- what would be left ----------------------------------------------------------------------------------------------


def _refuse_dead_ends(instance: Instance, waiting_before: set[tuple[int, str]]) -> None:
    if instance.completed:
        return
    for _, join in sorted(_stuck_joins(instance) - waiting_before):
        raise ModificationRefused(STUCK, element=_title(_spec_of(instance, join).task_specs[join]))
    if not instance.live:
        raise ModificationRefused(NOTHING_LEFT)


def _stuck_joins(instance: Instance) -> set[tuple[int, str]]:
    """Joins with tokens in a frame where nothing else runs."""
    return {
        (frame.key, name)
        for frame in instance.frames()
        if not frame.live
        for name, counts in frame.arrivals.items()
        if any(number for mark, number in counts.items() if not mark.startswith(":"))
    }


def _title(node: Any) -> str:
    return node.bpmn_name or node.name
