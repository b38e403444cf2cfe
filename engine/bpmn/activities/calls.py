"""Call activities (BPMN 2.0.2, 10.3.6): a process of the same bundle runs inside; one of another procedure as a child
instance."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.activities.subprocesses import Container
from engine.bpmn.errors import ElementFailed
from engine.bpmn.scopes import Scope
from engine.bpmn.sizes import check_made
from engine.effects import ChildStarted

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class CallActivity(Container, defaults.CallActivity):
    """Calls another process. Its variables are a root of their own: given and taken back by what the diagram
    propagates."""

    kind = "callActivity"

    def _run_hook(self, my_task: "Token") -> Any:
        top = my_task.workflow.top_workflow
        called = (
            None if self.extensions.process_id is None else self.extensions.process_id.of(my_task.data, my_task.now)
        )
        called = called or self.spec
        if not isinstance(called, str) or not called:
            raise ElementFailed("expression", "The id of the called process is not a text.")
        if called in top.model.processes and self.extensions.binding != "versionTag":
            top.open_frame(my_task, called, self.inner_scope(my_task)).begin(my_task)
        else:
            tag = self.extensions.version_tag if self.extensions.binding == "versionTag" else None
            top.emit(ChildStarted(token=my_task.id, process=called, version_tag=tag, variables=self.given(my_task)))
        return None

    def inner_scope(self, token: "Token") -> Scope:
        top = token.workflow.top_workflow
        given = self.given(token)
        scope = Scope(top.next_number(), None, given)
        check_made(top, scope.size, given)
        top.held += scope.size
        scope.offers = top.scope.offers
        return scope

    def given(self, token: "Token") -> dict[str, Any]:
        """The variables the called process starts with; `case` always, for it belongs to the whole case."""
        if self.extensions.propagates_parent:
            return token.data.visible()
        case = {"case": token.data["case"]} if "case" in token.data else {}
        return {**case, **({} if token.local is None else token.local.values_here)}

    def plain_results(self, token: "Token") -> dict[str, Any]:
        return (token.result or {}) if self.extensions.propagates_child else {}
