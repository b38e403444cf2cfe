"""Who is asked, until when: the effect that opens a human task."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.activities.jobs import inputs_of
from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.calendar import END_OF_DAY, moment_of, said_of, span_of
from engine.bpmn.expressions import Value, text_of
from engine.effects import TaskOpened
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.activities.tasks import UserTask
    from engine.bpmn.runtime.token import Token

DEFAULT_PRIORITY = 50


def task_opened(node: "UserTask", token: "Token") -> TaskOpened:
    """The task of this token. Raises `ElementFailed` when no department answers for it."""
    extensions = node.extensions
    groups = _names(extensions.candidate_groups, token)
    return TaskOpened(
        token=token.id,
        element=node.name,
        name=node.bpmn_name or node.name,
        form=extensions.form_id,
        department=groups[0] if groups else _department(node, token),
        audience="applicant" if extensions.properties.get("parvis:audience") == "applicant" else "department",
        candidate_groups=groups,
        candidate_users=_names(extensions.candidate_users, token),
        assignee=text_of(extensions.assignee, token.data, token.now) or None,
        due=None if extensions.due is None else _moment(extensions.due, token),
        follow_up=None if extensions.follow_up is None else _moment(extensions.follow_up, token),
        priority=DEFAULT_PRIORITY if extensions.priority is None else _priority(extensions.priority, token),
        input=inputs_of(token),
    )


def _department(node: "UserTask", token: "Token") -> str:
    for source in node.departments:
        found = source.of(token.data, token.now)
        if isinstance(found, str) and found:
            return found
    said = Sentence("{0}: no department answers for this task.", (node.bpmn_name or node.name,))
    raise ElementFailed("expression", said, ("case",))


def _names(value: Value | None, token: "Token") -> tuple[str, ...]:
    found: Any = None if value is None else value.of(token.data, token.now)
    if found is None:
        return ()
    names = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else [found]
    return tuple(name for name in (str(each).strip() for each in names) if name)


def _moment(value: Value, token: "Token") -> datetime | None:
    """A date (the end of that day), a date and time, or a duration from now."""
    found = value.of(token.data, token.now)
    if found is None or found == "":
        return None
    try:
        if isinstance(found, str) and not found.lstrip("-").startswith("P"):
            return moment_of(found, END_OF_DAY)
        return moment_of(found, END_OF_DAY) if hasattr(found, "year") else span_of(found).after(token.now)
    except (ValueError, OverflowError) as failure:
        raise ElementFailed("expression", Sentence("due or follow-up date: {0}", (said_of(failure),))) from failure


def _priority(value: Value, token: "Token") -> int:
    found = value.of(token.data, token.now)
    try:
        return DEFAULT_PRIORITY if found is None else min(100, max(0, int(found)))
    except (TypeError, ValueError) as failure:
        raise ElementFailed("expression", Sentence("The priority is not a number: {0}", (found,))) from failure
