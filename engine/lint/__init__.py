"""Lint: the deploy gate. Everything that keeps a bundle from being published, and what deserves a look, all at once.

First what keeps it from being read safely, then every rule of the standard (`engine.lint.standard`) with what keeps it
from being built, then every rule of `engine.lint.rules`; all of it in a child process of little time and memory
(`engine.limited`). Called by the command line, the API and the modeler; decides nothing, publishes nothing.
"""

from collections.abc import Callable, Iterator
from functools import partial

from engine import definition, limited
from engine.bpmn.errors import UnsafeDocument
from engine.bpmn.parser.safe import read_xml  # pyright: ignore[reportUnknownVariableType]
from engine.bundle import Bundle
from engine.feel.sentences import Sentence
from engine.lint import judging
from engine.lint.catalogue import Catalogue, KnownInput, KnownTemplate, Usable
from engine.lint.finding import Finding
from engine.lint.rules import (
    called_processes,
    conditions_decide,
    connections_known,
    connectors_known,
    decision_tables,
    decision_told,
    decisions_known,
    departments_known,
    drawing_there,
    end_reachable,
    expressions_sound,
    forms_finished,
    forms_readable,
    gateway_exits,
    lanes_used,
    letters_known,
    manifest_expressions,
    message_keys,
    names_given,
    properties_known,
    scenarios_readable,
    start_forms,
    task_forms,
    timers_handled,
    translations_given,
    variables_written,
)
from engine.lint.standard import breaches
from engine.lint.subject import Subject

__all__ = [
    "RULES",
    "Catalogue",
    "Finding",
    "KnownInput",
    "KnownTemplate",
    "Usable",
    "check",
    "is_publishable",
    "judged",
]

Rule = Callable[[Subject], Iterator[Finding]]

RULES: dict[str, Rule] = {
    module.RULE: module.check
    for module in (
        manifest_expressions,
        start_forms,
        task_forms,
        forms_readable,
        forms_finished,
        decisions_known,
        decision_tables,
        expressions_sound,
        conditions_decide,
        connectors_known,
        connections_known,
        letters_known,
        departments_known,
        called_processes,
        gateway_exits,
        end_reachable,
        timers_handled,
        variables_written,
        lanes_used,
        message_keys,
        properties_known,
        decision_told,
        names_given,
        translations_given,
        scenarios_readable,
        drawing_there,
    )
}


def check(bundle: Bundle, catalogue: Catalogue, processes: frozenset[str] | None = None) -> list[Finding]:
    """Every finding, errors first. `processes` are the process ids in service (None: not known, then not required).

    A bundle that needs more than the child may take is refused. Raises `LimitedFailed` when a rule fails.
    """
    request = judging.request_for(bundle, catalogue, processes)
    try:
        return judging.findings_sent(limited.do("judge", request, partial(judging.answer_from, catalogue)))
    except limited.TooMuch:
        return _too_much(bundle)


def judged(bundle: Bundle, catalogue: Catalogue, processes: frozenset[str] | None) -> list[Finding]:
    """The same, in this process, however long it takes: for the child."""
    unsafe = [_unsafe(name, reason) for name in _documents(bundle) if (reason := _refusal(bundle.files[name]))]
    if unsafe:
        return unsafe
    found = breaches({name: read_xml(bundle.files[name]) for name in bundle.names(".bpmn")})
    unbuildable = definition.findings(bundle)
    if unbuildable:
        return found + [
            _unbuildable(each.rule, each.file, each.element, each.sentence or each.message, each.way_out)
            for each in unbuildable
        ]
    subject = Subject(bundle, definition.build(bundle), catalogue, processes)
    found += [finding for rule in RULES.values() for finding in rule(subject)]
    return sorted(found, key=lambda finding: finding.severity != "error")


def is_publishable(findings: list[Finding]) -> bool:
    """No error is among them."""
    return all(finding.severity != "error" for finding in findings)


def _documents(bundle: Bundle) -> tuple[str, ...]:
    return (*bundle.names(".bpmn"), *bundle.names(".dmn"))


def _refusal(content: bytes) -> str | None:
    try:
        read_xml(content)
    except UnsafeDocument as refusal:
        return str(refusal)
    return None


def _too_much(bundle: Bundle) -> list[Finding]:
    """Which document it is, when reading it is too much already; else all of them together are."""
    unread = limited.refusals({name: bundle.files[name] for name in _documents(bundle)})
    if unread:
        return [_unsafe(file, reason) for file, reason in unread.items()]
    return [
        Finding(
            rule="safe-document",
            severity="error",
            file=max(_documents(bundle), key=lambda name: len(bundle.files[name]), default=""),
            element=None,
            message="Judging this procedure needs more time or memory than a procedure may.",
            way_out="Divide it into several, or shorten its expressions.",
        )
    ]


def _unsafe(file: str, reason: str) -> Finding:
    return Finding(
        rule="safe-document",
        severity="error",
        file=file,
        element=None,
        message="The document is not safe to read: {reason}",
        way_out="Export it again from the modeler.",
        parameters={"reason": reason},
    )


def _unbuildable(rule: str, file: str | None, element: str | None, reason: Sentence | str, way_out: str) -> Finding:
    return Finding(
        rule=rule,
        severity="error",
        file=file or "",
        element=element,
        message="{reason}",
        way_out="{advice}",
        parameters={"reason": reason, "advice": Sentence(way_out) if way_out else ""},
    )
