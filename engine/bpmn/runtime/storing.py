"""Between the running instance and its stored state, both ways."""

from datetime import datetime

from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.model import Model
from engine.bpmn.runtime.parking import NOBODY_AWAY, park
from engine.bpmn.runtime.recording import Scopes, frame_record, subscription_record, token_record
from engine.bpmn.runtime.restoring import Restoring
from engine.snapshot import FORMAT, FORMAT_PARKED, State


def state_of(instance: Instance, definition: str) -> State:
    """The state of an instance in which every token waits."""
    scopes = Scopes()
    parked, away = park(instance) if instance.repeated or instance.parking is not None else ((), NOBODY_AWAY)
    # Lists: a generator costs more than the few frames and tokens of most instances.
    if instance.subprocesses or away:
        inside = [frame for frame in instance.frames() if frame.key not in away]
        frames = tuple([frame_record(frame, scopes) for frame in inside])
        running = [token for frame in inside for token in frame.tasks.values() if token.id not in away]
    else:
        frames, running = (frame_record(instance, scopes),), instance.tasks.values()
    tokens = tuple([token_record(token, scopes) for token in running])
    gathers = instance.repeated and any([token.results for token in tokens])  # noqa: C419 (as above)
    waits = (
        [each for each in instance.event_manager if each.token not in away] if instance.event_manager.by_token else ()
    )
    return State(
        format=FORMAT_PARKED if parked or gathers else FORMAT,
        definition=definition,
        process=instance.spec.name,
        number=instance.number,
        tokens=tokens,
        frames=frames,
        scopes=scopes.records(),
        subscriptions=tuple([subscription_record(each) for each in waits]) if waits else (),
        called=instance.called,
        ended=instance.completed,
        parked=parked,
    )


def instance_of(state: State, model: Model, now: datetime) -> Instance:
    """The instance of a stored state, ready for a command."""
    return Restoring(state, model, now).instance
