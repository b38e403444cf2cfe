"""The rules of the BPMN standard about how a diagram is built: one file each, named by what it asks, with its section.

They need only the XML, so that everything wrong with a diagram is told at once even when it cannot be built.
The numbers (EXT, REF) are those of the public catalogue of constraints that the literature on BPMN conformance uses.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.lint.finding import Finding
from engine.lint.standard import (
    adhoc_subprocesses,
    boundary_events,
    calls,
    choreographies,
    codes_given,
    compensations,
    conditional_flows,
    data_items,
    data_names,
    data_sets,
    end_events,
    event_gateways,
    event_subprocesses,
    expressions_formal,
    flow_ends,
    flow_lists_complete,
    flow_nodes_connected,
    gateways,
    ids_given,
    imports_there,
    intermediate_events,
    links,
    loops,
    message_flows,
    messages_given,
    pools,
    quantities,
    receive_tasks,
    references_resolved,
    schema_valid,
    script_formats,
    start_events,
)
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import read_part

Rule = Callable[[Diagram], Iterator[Finding]]

RULES: dict[str, Rule] = {
    module.RULE: module.check
    for module in (
        ids_given,
        references_resolved,
        imports_there,
        flow_lists_complete,
        flow_ends,
        flow_nodes_connected,
        conditional_flows,
        start_events,
        end_events,
        intermediate_events,
        boundary_events,
        links,
        gateways,
        event_gateways,
        event_subprocesses,
        adhoc_subprocesses,
        compensations,
        loops,
        quantities,
        receive_tasks,
        script_formats,
        expressions_formal,
        codes_given,
        messages_given,
        message_flows,
        pools,
        choreographies,
        calls,
        data_sets,
        data_items,
        data_names,
    )
}
NAMES = (schema_valid.RULE, *RULES)


def breaches(roots: Mapping[str, Any]) -> list[Finding]:
    """Everything in these diagrams (XML roots by file name) that breaks a rule of the standard."""
    found: list[Finding] = []
    for file, root in roots.items():
        found += schema_valid.check_schema(file, root)
        diagram = Diagram(file, read_part(root))
        found += [finding for rule in RULES.values() for finding in rule(diagram)]
    return found
