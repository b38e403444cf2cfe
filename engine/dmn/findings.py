"""Findings: what is wrong in a DMN file, or why a decision has no answer: by code, for any language."""

from typing import Any

import msgspec

from engine.feel.sentences import Sentence

MESSAGES = {
    "no_logic": "Expected an expression or a decision table, but the decision has none.",
    "no_rule": "Expected at least one rule, but the decision table has none.",
    "no_output": "Expected at least one output, but the decision table has none.",
    "no_input_expression": "Expected an input expression, but the column has none.",
    "cells_missing": "Expected one cell for each column, but the rule has more or fewer.",
    "type_unknown": "Expected a type that exists, but found “{0}”.",
    "wrong_constant": "Expected a value of type {0}, but found {1}.",
    "not_feel": "Expected FEEL, but found the language “{0}”.",
    "external_function": "Expected a function written in FEEL; one written in another language cannot be called.",
    "requirement_missing": "Expected a required element, but “{0}” does not exist.",
    "requirement_undeclared": "Expected the decision to require “{0}”, which it reads: draw the line between them.",
    "rules_overlap": "Expected rules that never match together, but this rule and rule {0} can.",
    "rule_unreachable": "This rule can never decide: the rules before it match whenever it does.",
    "not_judged": "This table is too big for its overlaps and gaps to be looked for.",
    "type_too_big": "Expected a type of at most {0} parts, but “{1}” has more.",
    "too_much_text": "Expected at most {0} characters of FEEL in one file.",
    "too_deep": "Expected at most {0} elements inside one another.",
    "rule_empty": "This rule can never match: one of its cells accepts no value.",
    "rows_leave_gap": "No rule matches, and there is no default answer, where {0}.",
    "unreadable": "{0}",
    "policy_unknown": "Expected a hit policy of DMN, but found “{0}”.",
    "several_match": "Expected one matching rule (hit policy UNIQUE), but {0} match.",
    "outputs_differ": "Expected matching rules with equal outputs (hit policy ANY), but they differ.",
    "aggregation_unknown": "Expected SUM, MIN, MAX or COUNT, but found “{0}”.",
    "too_big": "Expected a file of at most {0} MiB.",
    "not_xml": "Expected well-formed XML, but: {0}",
    "document_type": "Expected a file without a document type declaration.",
    "not_dmn": "Expected the definitions of DMN 1.2 or later, but found {0}.",
    "too_many_elements": "Expected at most {0} elements.",
    "decision_unknown": "Expected a decision “{0}”, but the file has none.",
    "requires_itself": "Expected decisions that do not require one another, but “{0}” requires itself.",
}


class Finding(msgspec.Struct, frozen=True):
    """Something wrong in a model: which decision, which element, which column, in words."""

    decision: str
    element: str
    sentence: Sentence
    column: str = ""
    severity: str = "error"
    code: str = "unreadable"

    @property
    def message(self) -> str:
        """The sentence in English."""
        return str(self.sentence)


def dmn_says(code: str, *words: Any) -> Sentence:
    """The sentence of a code of `MESSAGES`."""
    return Sentence(MESSAGES[code], words)
