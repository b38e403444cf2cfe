"""Tasks (BPMN 2.0.2, 10.3.3): none, manual, user, service, script and business rule. Send and receive are with the
messages.

A task backed by a job or a person emits an effect and waits; the others do their work at once and purely.
"""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn.activities.assignment import task_opened
from engine.bpmn.activities.jobs import queue_job
from engine.bpmn.errors import ElementFailed
from engine.bpmn.node import Node
from engine.effects import DecisionTraced

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class NoneTask(Node, defaults.NoneTask):
    """A task of no type: passes at once."""

    kind = "task"
    passes = True


class ManualTask(Node, defaults.ManualTask):
    """Work done without any system: passes at once (Camunda 8 semantics of `manualTask`)."""

    kind = "manualTask"
    passes = True


class UserTask(Node, defaults.UserTask):
    """Work of a person: waits for `CompleteTask`."""

    kind = "userTask"

    def _run_hook(self, my_task: "Token") -> Any:
        my_task.workflow.top_workflow.emit(task_opened(self, my_task))
        return None

    @property
    def answers_name(self) -> str:
        """The variable that receives the answers when there is no output mapping."""
        return self.extensions.form_id or self.name

    def plain_results(self, token: "Token") -> dict[str, Any]:
        return {self.answers_name: token.result or {}}

    def mapping_view(self, token: "Token") -> dict[str, Any]:
        # A mapping may name one field of the form (`= decision`) or all the answers by the form's id (`= review`).
        return {self.answers_name: token.result or {}, **(token.result or {})}


class JobTask(Node):
    """Work of a connector where the element has a job type: waits for `CompleteJob`."""

    def _run_hook(self, my_task: "Token") -> Any:
        if self.extensions.job_type is None:
            return self.work(my_task)
        queue_job(self, my_task)
        return None

    @property
    def works_alone(self) -> bool:
        return self.extensions.job_type is None

    def work(self, token: "Token") -> bool | None:
        """What the task does without a connector."""
        return True


class ServiceTask(JobTask, defaults.ServiceTask):  # pyright: ignore[reportIncompatibleMethodOverride]
    """Work of a connector."""

    kind = "serviceTask"


class ScriptTask(JobTask, defaults.ScriptTask):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A FEEL expression whose value goes to `resultVariable`, or Python in the sandbox."""

    kind = "scriptTask"
    language = "feel"

    def work(self, token: "Token") -> bool | None:
        if self.language == "python":
            token.result = token.workflow.top_workflow.model.run_python(self.script, token.data.visible(), token.now)
        elif self.extensions.script is not None:
            value = self.extensions.script.of(token.data, token.now)
            token.result = {self.extensions.result_variable: value} if self.extensions.result_variable else {}
        return True


class BusinessRuleTask(JobTask, BpmnTaskSpec):
    """A decision table decides; the trace of the matched rules is kept."""

    kind = "businessRuleTask"

    def __init__(self, wf_spec: Any, bpmn_id: str, **details: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **details)
        self.bpmn_id, self.bpmn_name = bpmn_id, details.get("bpmn_name")

    def work(self, token: "Token") -> bool | None:
        top, extensions = token.workflow.top_workflow, self.extensions
        decision = None if extensions.decision_id is None else extensions.decision_id.of(token.data, token.now)
        if not isinstance(decision, str):
            raise ElementFailed("decision", "The id of the called decision is not a text.")
        value, trace = top.model.decide(decision, token.data, token.now, None)
        token.result = {extensions.result_variable: value} if extensions.result_variable else {}
        top.emit(DecisionTraced(token=token.id, element=self.name, decision=decision, trace=trace))
        return True
