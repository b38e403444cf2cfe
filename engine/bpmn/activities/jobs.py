"""Work handed to connectors: the effect that queues it, with the values of the input mapping."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.errors import ElementFailed
from engine.effects import JobQueued
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.node import Node
    from engine.bpmn.runtime.token import Token

DEFAULT_RETRIES = 3


def queue_job(node: "Node", token: "Token") -> None:
    """The element's job is queued. Without input mapping its input is what the element's own scope holds: nothing."""
    extensions = node.extensions
    job_type = None if extensions.job_type is None else extensions.job_type.of(token.data, token.now)
    if not isinstance(job_type, str) or not job_type:
        raise ElementFailed("expression", "The job type is not a text.")
    case = token.data.get("case")
    token.workflow.top_workflow.emit(
        JobQueued(
            token=token.id,
            element=node.name,
            type=job_type,
            retries=_retries(node, token),
            headers=dict(extensions.headers),
            input=inputs_of(token),
            case=case if isinstance(case, dict) else {},
        )
    )


def inputs_of(token: "Token") -> dict[str, Any]:
    """The activity's local variables: what its input mapping made."""
    return {} if token.local is None else dict(token.local.values_here)


def _retries(node: "Node", token: "Token") -> int:
    value = None if node.extensions.retries is None else node.extensions.retries.of(token.data, token.now)
    if value is None:
        return DEFAULT_RETRIES
    try:
        return max(1, int(value))
    except (TypeError, ValueError) as failure:
        raise ElementFailed("expression", Sentence("The number of tries is not a number: {0}", (value,))) from failure
