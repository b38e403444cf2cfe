"""Adopting: an instance that comes from another version of its definition begins to watch what is new there, and waits
for messages and signals by the names they have there. What it waited for already keeps its due time and its key.
"""

from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.definitions import Compensation, Message, Signal, parts_of
from engine.bpmn.expressions import Literal
from engine.bpmn.runtime.frame import Frame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.subscriptions import Subscription
from engine.bpmn.runtime.token import ENTER, FAILED, Token
from engine.effects import IncidentRaised
from engine.feel.sentences import Sentence, sentence_kept

AT = "{0}: {1}"


def adopt(instance: Instance) -> None:
    """Bring the instance up to its definition, then move until all waits. Raises `ElementFailed` when something new
    fails, be it only that it cannot be watched.
    """
    instance.recall_all()
    for frame in instance.frames():
        for token in list(frame.tasks.values()):
            if not token.passive and token.body is None and not _has_yet_to_enter(token):
                _watch_new_events(frame, token)
        if not frame.undoing and not _is_interrupted(instance, frame):
            frame.watch_event_subprocesses()
    for subscription in list(instance.event_manager):
        _rename(instance, subscription)
    instance.run_until_waiting()
    for effect in instance.effects:
        if isinstance(effect, IncidentRaised):
            said = sentence_kept(effect.sentence or effect.message)
            raise ElementFailed(effect.kind, Sentence(AT, (effect.element, said)), effect.variables)


def _has_yet_to_enter(token: Token) -> bool:
    return token._state == FAILED and token.stage == ENTER


def _watch_new_events(frame: Frame, host: Token) -> None:
    watched = {watcher.task_spec.name for watcher in host.watchers}
    new = [event for event in host.task_spec.boundary if event.name not in watched]
    for event in new:
        if isinstance(event.event_definition, Compensation):
            continue
        try:
            frame.arm(host, [event])
        except ElementFailed as failed:
            raise ElementFailed(failed.kind, Sentence(AT, (event.bpmn_name or event.name, failed.sentence))) from failed
        if not host.is_live:
            return


def _is_interrupted(instance: Instance, frame: Frame) -> bool:
    """An event sub-process that interrupts runs here: nothing of the frame watches any more."""
    return any(
        not token.passive
        and token.task_spec.kind == "eventSubProcess"
        and token.start is not None
        and instance.model.specs[token.task_spec.spec].task_specs[token.start].interrupting
        for token in frame.tasks.values()
    )


def _rename(instance: Instance, subscription: Subscription) -> None:
    token = instance.token(subscription.token)
    if token is None or subscription.kind not in ("message", "signal"):
        return
    part = parts_of(token.workflow.definition_of(token))[subscription.index]
    assert isinstance(part, (Message, Signal))
    # A name that FEEL gave stays as it was computed; one that is written in the diagram is the diagram's.
    if isinstance(part.title, Literal) and part.title.text != subscription.name:
        element = token.start or token.task_spec.name
        manager = instance.event_manager
        manager.close(subscription)
        manager.open(
            Subscription(token.id, subscription.index, subscription.kind, part.title.text, subscription.key), element
        )
