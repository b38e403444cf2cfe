"""Events that throw, and the send task. With a job type a connector does the sending; else the message goes out
inside Parvis."""

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.activities.tasks import JobTask
from engine.bpmn.events.definitions import EventDefinition, NoneEventDefinition
from engine.bpmn.events.throwing import throw

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class ThrowingEvent(JobTask):
    """Throws its definitions, then goes on."""

    is_activity = False
    event_definition: EventDefinition

    def work(self, token: "Token") -> bool | None:
        return throw(token, self.event_definition)


class IntermediateThrowEvent(ThrowingEvent, defaults.IntermediateThrowEvent):
    """Throws in the middle of a flow."""

    kind = "intermediateThrowEvent"


class EndEvent(ThrowingEvent, defaults.EndEvent):
    """Where a token ends."""

    kind = "endEvent"

    @property
    def passes(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.works_alone and isinstance(self.event_definition, NoneEventDefinition)


class SendTask(ThrowingEvent, defaults.SendTask):
    """Sends a message."""

    kind = "sendTask"
    is_activity = True
