"""Instance: (definition, state, command, now) → (state, effects). Pure and synchronous: no clock, no database, no
network.

The verbs call it inside their transaction, then give the effects to `engine.apply`. Refuses with `NotWaiting` a
command for a token that does not wait for it; what goes wrong inside the instance is an incident, never an exception.
"""

from datetime import datetime

from engine.bpmn.errors import NotWaiting, UnknownStart
from engine.bpmn.runtime import commands
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.storing import instance_of, state_of
from engine.commands import Command, Start
from engine.definition import Definition
from engine.effects import Effect, InstanceEnded
from engine.snapshot import State


def start(definition: Definition, command: Start, now: datetime) -> tuple[State, tuple[Effect, ...]]:
    """A new instance, run until every token waits. Raises `UnknownStart`."""
    process = command.process or definition.main_process
    if process not in definition.model.processes:
        raise UnknownStart(f"Expected the process “{process}” but the definition has none of that id.")
    running = Instance(definition.model, process, now)
    commands.begin(running, command)
    return _settled(definition, running)


def advance(definition: Definition, state: State, command: Command, now: datetime) -> tuple[State, tuple[Effect, ...]]:
    """The state after one command, and what it asks of the outside. The state given is not changed. Raises
    `NotWaiting`."""
    if state.ended:
        raise NotWaiting(getattr(command, "token", 0) or 0, "anything: the instance has ended")
    running = instance_of(state, definition.model, now)
    commands.apply(running, command)
    return _settled(definition, running)


def _settled(definition: Definition, running: Instance) -> tuple[State, tuple[Effect, ...]]:
    if running.completed:
        variables = dict(running.scope.values_here) if running.called else {}
        running.emit(InstanceEnded(outcome=running.outcome, variables=variables, error=running.uncaught))
    settled = state_of(running, definition.hash), tuple(running.effects)
    # Everything in a running instance knows the instance. Taken apart, it goes at once, and the next command finds its
    # memory in the processor's cache; otherwise it would lie there until the collector comes.
    vars(running).clear()
    return settled
