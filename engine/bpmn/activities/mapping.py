"""Input and output mappings: an input makes a local variable, an output writes to the parent scope."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.runtime.token import RUN
from engine.bpmn.scopes import Scope, assigned
from engine.bpmn.sizes import TooMuchMade, check_made

if TYPE_CHECKING:
    from engine.bpmn.node import Node
    from engine.bpmn.runtime.token import Token


def mapped_inputs(node: "Node", token: "Token") -> Scope | None:
    """The activity's own scope; absent without input mapping. Later inputs see earlier ones."""
    inputs = node.extensions.inputs
    if not inputs:
        return None
    top = token.workflow.top_workflow
    local = Scope(top.next_number(), token.outer)
    for line in inputs:
        value = None if line.source is None else line.source.of(local, token.now)
        name, *path = line.target
        local.put({name: assigned(local.values_here.get(name), tuple(path), value)})
    check_made(top, local.size, local.values_here)
    top.held += local.size
    return local


def write_outputs(node: "Node", token: "Token") -> None:
    """The results of the activity, through its output mapping to the parent scope, else to the scopes that have the
    variables."""
    outputs = node.extensions.outputs
    try:
        if outputs:
            _write(token, token.outer, _mapped(node, token), token.outer)
        elif token.result is not None:
            values = node.plain_results(token)
            if values:
                (_write_one if len(values) == 1 else _write)(token, token.data, values, token.outer.root())
    except TooMuchMade:
        if node.works_alone:
            # Made here, so it is made again when the incident is resolved, and need not be kept until then.
            token.stage, token.result = RUN, None
        raise
    token.result = None


def _mapped(node: "Node", token: "Token") -> dict[str, Any]:
    view = Scope(0, token.data, node.mapping_view(token))
    found: dict[str, Any] = {}
    for line in node.extensions.outputs:
        value = None if line.source is None else line.source.of(view, token.now)
        name, *path = line.target
        current = found.get(name, token.outer.get(name)) if path else None
        found[name] = assigned(current, tuple(path), value)
    return found


def _write(token: "Token", start: Scope, values: dict[str, Any], otherwise: Scope) -> None:
    top = token.workflow.top_workflow
    by_scope: dict[int, tuple[Scope, dict[str, Any]]] = {}
    for name, value in values.items():
        scope = start.holder(name) or otherwise
        by_scope.setdefault(scope.id, (scope, {}))[1][name] = value
    parts = [(scope, written, scope.growth(written)) for scope, written in by_scope.values()]
    check_made(top, sum([growth for *_, growth in parts]), values)
    for part in parts:
        top.write(*part)


def _write_one(token: "Token", start: Scope, values: dict[str, Any], otherwise: Scope) -> None:
    """The same for one variable, which is all that most activities write."""
    top = token.workflow.top_workflow
    scope = start.holder(next(iter(values))) or otherwise
    growth = scope.growth(values)
    check_made(top, growth, values)
    top.write(scope, values, growth)
