"""Decision models as the modeler writes them, decided: hit policies, requirements, traces, refusals."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.dmn import DecisionError, DecisionsUnreadable, DecisionUnknown, read_decisions

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def a_model(body: str) -> bytes:
    return f'<definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="town">{body}</definitions>'.encode()


def a_rule(number: int, cell: str, *outputs: str, annotation: str = "") -> str:
    entries = "".join(f'<outputEntry id="o{number}"><text>{output}</text></outputEntry>' for output in outputs)
    note = f"<annotationEntry><text>{annotation}</text></annotationEntry>" if annotation else ""
    return f'<rule id="r{number}"><inputEntry id="i{number}"><text>{cell}</text></inputEntry>{entries}{note}</rule>'


def a_table(policy: str, *rules: str, values: str = "", default: str = "", aggregation: str = "") -> bytes:
    allowed = f"<outputValues><text>{values}</text></outputValues>" if values else ""
    fallback = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>" if default else ""
    how = f' aggregation="{aggregation}"' if aggregation else ""
    return a_model(
        f'<decision id="fee" name="Fee"><decisionTable id="t" hitPolicy="{policy}"{how}><input id="i" label="Age">'
        f'<inputExpression id="e" typeRef="number"><text>age</text></inputExpression></input>'
        f'<output id="o" name="fee">{allowed}{fallback}</output>{"".join(rules)}</decisionTable></decision>'
    )


def decided(model: bytes, name: str = "fee", **variables: Any) -> Any:
    return read_decisions(model).evaluate(name, variables, NOW).value


THREE = (a_rule(1, "&lt; 18", "1"), a_rule(2, "&lt; 30", "3"), a_rule(3, "-", "2"))


@pytest.mark.parametrize(
    ("policy", "age", "expected"),
    [
        ("FIRST", 10, 1),
        ("PRIORITY", 10, 3),
        ("RULE ORDER", 10, [1, 3, 2]),
        ("OUTPUT ORDER", 10, [3, 2, 1]),
        ("COLLECT", 20, [3, 2]),
        ("UNIQUE", 40, 2),
        ("ANY", 40, 2),
    ],
)
def test_each_hit_policy_answers_as_the_standard_says(policy: str, age: int, expected: Any) -> None:
    assert decided(a_table(policy, *THREE, values="3, 2, 1"), age=age) == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)])
def test_collect_aggregates_the_outputs(aggregation: str, expected: int) -> None:
    assert decided(a_table("COLLECT", *THREE, aggregation=aggregation), age=10) == expected


@pytest.mark.parametrize(("policy", "reason"), [("UNIQUE", "Expected one matching rule"), ("ANY", "equal outputs")])
def test_a_forbidden_overlap_is_refused_with_its_reason(policy: str, reason: str) -> None:
    with pytest.raises(DecisionError, match=reason):
        decided(a_table(policy, *THREE), age=10)


def test_no_matching_rule_gives_the_default_or_null() -> None:
    rule = a_rule(1, "&gt; 100", "1")

    assert decided(a_table("UNIQUE", rule), age=10) is None
    assert decided(a_table("UNIQUE", rule, default="7"), age=10) == 7


def test_several_outputs_make_a_context() -> None:
    model = a_model(
        '<decision id="fee" name="Fee"><decisionTable id="t"><input id="i"><inputExpression id="e"><text>age</text>'
        '</inputExpression></input><output id="o1" name="fee"/><output id="o2" name="why"/>'
        + a_rule(1, "[0..18[", "0", '"child"')
        + "</decisionTable></decision>"
    )

    assert decided(model, age=3) == {"fee": 0, "why": "child"}


def test_the_trace_says_which_rule_decided_and_why() -> None:
    model = a_table(
        "UNIQUE", a_rule(1, "&lt; 18", "0", annotation="Children pay nothing"), a_rule(2, "&gt;= 18", "2.5")
    )

    matches = read_decisions(model).evaluate("fee", {"age": 12.5}, NOW).matches

    assert [(match.decision, match.table, match.rule_index, match.rule_id) for match in matches] == [
        ("fee", "t", 0, "r1")
    ]
    assert matches[0].annotation == "Children pay nothing"
    assert matches[0].inputs == {"Age": 12.5}
    assert matches[0].outputs == {"fee": 0}


REQUIREMENTS = a_model(
    '<inputData id="age" name="Applicant age"><variable name="Applicant age" typeRef="number"/></inputData>'
    '<businessKnowledgeModel id="tax" name="add tax"><encapsulatedLogic><formalParameter name="net" typeRef="number"/>'
    "<literalExpression><text>net * 1.2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
    '<decision id="net" name="Net fee"><variable name="Net fee" typeRef="number"/><informationRequirement>'
    '<requiredInput href="#age"/></informationRequirement><literalExpression>'
    "<text>if Applicant age &lt; 18 then 0 else 10</text></literalExpression></decision>"
    '<decision id="gross" name="Gross fee"><informationRequirement><requiredDecision href="#net"/>'
    "</informationRequirement>"
    '<knowledgeRequirement><requiredKnowledge href="#tax"/></knowledgeRequirement>'
    "<literalExpression><text>add tax(Net fee)</text></literalExpression></decision>"
)


def test_required_decisions_and_knowledge_are_used_by_their_names() -> None:
    decisions = read_decisions(REQUIREMENTS)

    assert decisions.evaluate("gross", {"Applicant age": 40}, NOW).value == Decimal("12.0")
    assert decisions.evaluate("Gross fee", {"Applicant age": 4}, NOW).value == 0
    assert decisions.required_names("gross") == {"Applicant age"}


def test_an_input_of_the_wrong_type_is_null_and_said_so() -> None:
    outcome = read_decisions(REQUIREMENTS).evaluate("gross", {"Applicant age": "forty"}, NOW)

    assert outcome.problems[0].message == "Expected a value of type number, but found a string."


def a_decision(number: str, text: str, *requires: str) -> str:
    lines = "".join(
        f'<informationRequirement><requiredDecision href="#{one}"/></informationRequirement>' for one in requires
    )
    return (
        f'<decision id="{number}" name="{number}">{lines}<literalExpression><text>{text}</text></literalExpression>'
        "</decision>"
    )


def test_a_decision_sees_what_it_requires_and_the_variables_nobody_declares() -> None:
    model = a_model(a_decision("a", "1") + a_decision("b", "[a, free]") + a_decision("c", "[a, free]", "a"))

    assert decided(model, "b", a=7, free=2) == [None, 2]
    assert decided(model, "c", a=7, free=2) == [1, 2]


def test_a_decision_that_reads_what_it_does_not_require_is_found() -> None:
    findings = read_decisions(a_model(a_decision("a", "1") + a_decision("b", "a + free"))).findings()

    assert [(each.decision, each.code) for each in findings] == [("b", "requirement_undeclared")]
    assert "“a”" in findings[0].message


def test_a_parameter_may_have_a_name_that_is_a_path_elsewhere() -> None:
    model = a_model(
        '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="Person.Name"/>'
        "<literalExpression><text>Person.Name</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        "<literalExpression><text>k(Person.Name)</text></literalExpression></decision>"
    )

    assert decided(model, "d", Person={"Name": "Ada"}) == "Ada"


def test_a_value_that_is_not_of_the_type_of_its_column_is_null_and_said_so() -> None:
    outcome = read_decisions(a_table("FIRST", *THREE)).evaluate("fee", {"age": "12"}, NOW)

    assert outcome.value == 2
    assert outcome.problems[0].message == "Expected a value of type number, but found a string."


@pytest.mark.parametrize("cell", ['"adult"', '&lt; "a"', '["a".."b"]', "1, true, @&quot;2026-01-01&quot;"])
def test_a_cell_that_no_value_of_its_column_can_match_is_found(cell: str) -> None:
    findings = read_decisions(a_table("UNIQUE", a_rule(1, cell, "1"))).findings()

    assert ("r1", "wrong_constant", "Age") in [(each.element, each.code, each.column) for each in findings]


def test_a_filter_whose_match_is_no_boolean_is_null() -> None:
    def literal(text: str) -> str:
        return f"<literalExpression><text>{text}</text></literalExpression>"

    model = a_model(
        f'<decision id="f" name="f"><filter><in>{literal("[1, 2]")}</in><match>{literal(chr(34) + "x" + chr(34))}'
        "</match></filter></decision>"
    )

    assert decided(model, "f") is None


def test_a_service_answers_in_its_own_type() -> None:
    model = a_model(
        '<itemDefinition name="text"><functionItem outputTypeRef="string"/></itemDefinition>'
        f'{a_decision("a", "1000")}<decisionService id="s" name="s"><variable name="s" typeRef="text"/>'
        '<outputDecision href="#a"/></decisionService>'
    )

    outcome = read_decisions(model).evaluate_service("s", {}, NOW)

    assert outcome.value is None and outcome.problems


def test_instance_of_does_not_look_at_allowed_values() -> None:
    model = a_model(
        '<itemDefinition name="grade"><typeRef>number</typeRef><allowedValues><text>[1..5]</text></allowedValues>'
        f"</itemDefinition>{a_decision('a', '9 instance of grade')}"
    )

    assert decided(model, "a") is True


def test_boxed_expressions_of_every_kind_are_decided() -> None:
    def literal(text: str) -> str:
        return f"<literalExpression><text>{text}</text></literalExpression>"

    model = a_model(
        '<decision id="all" name="all"><context>'
        f'<contextEntry><variable name="prices"/><list>{literal("5")}{literal("15")}</list></contextEntry>'
        '<contextEntry><variable name="rows"/><relation><column name="a"/><column name="b"/>'
        f"<row>{literal('1')}{literal('2')}</row></relation></contextEntry>"
        '<contextEntry><variable name="twice"/><functionDefinition><formalParameter name="x"/>'
        f"{literal('2 * x')}</functionDefinition></contextEntry>"
        f'<contextEntry><variable name="called"/><invocation>{literal("twice")}<binding><parameter name="x"/>'
        f"{literal('prices[1]')}</binding></invocation></contextEntry>"
        f'<contextEntry><variable name="chosen"/><conditional><if>{literal("called &gt; 9")}</if>'
        f"<then>{literal(chr(34) + 'yes' + chr(34))}</then><else>{literal('null')}</else></conditional></contextEntry>"
        f'<contextEntry><variable name="looped"/><for iteratorVariable="p"><in>{literal("prices")}</in>'
        f"<return>{literal('p + 1')}</return></for></contextEntry>"
        f'<contextEntry><variable name="kept"/><filter><in>{literal("prices")}</in>'
        f"<match>{literal('item &gt; 9')}</match></filter></contextEntry>"
        f'<contextEntry><variable name="any"/><some iteratorVariable="p"><in>{literal("prices")}</in>'
        f"<satisfies>{literal('p = 5')}</satisfies></some></contextEntry>"
        f'<contextEntry><variable name="each"/><every iteratorVariable="p"><in>{literal("prices")}</in>'
        f"<satisfies>{literal('p = 5')}</satisfies></every></contextEntry>"
        f"<contextEntry>{literal('[rows[1].b, called, chosen, looped, kept, any, each]')}</contextEntry>"
        "</context></decision>"
    )

    assert decided(model, "all") == [2, 10, "yes", [6, 16], [15], True, False]


def test_decisions_that_require_one_another_are_refused() -> None:
    model = a_model(
        '<decision id="a" name="a"><informationRequirement><requiredDecision href="#a"/></informationRequirement>'
        "<literalExpression><text>a</text></literalExpression></decision>"
    )

    with pytest.raises(DecisionError, match="requires itself"):
        decided(model, "a")


def test_findings_name_the_decision_the_rule_and_the_column() -> None:
    model = a_table("UNIQUE", a_rule(1, "&lt; &lt; 18", "1"), a_rule(2, "18", "unknown name"))

    findings = read_decisions(model).findings()

    assert [(finding.decision, finding.element, finding.column) for finding in findings[:2]] == [
        ("fee", "r1", "Age"),
        ("fee", "r2", "fee"),
    ]
    assert "Expected a value" in findings[0].message


def test_a_table_without_rules_and_rules_that_overlap_are_found() -> None:
    empty = read_decisions(a_table("UNIQUE")).findings()
    overlapping = read_decisions(a_table("UNIQUE", a_rule(1, "[1..10]", "1"), a_rule(2, "&gt; 9", "2"))).findings()
    apart = read_decisions(a_table("UNIQUE", a_rule(1, "[1..9]", "1"), a_rule(2, "&gt; 9", "2"))).findings()

    assert [finding.severity for finding in empty] == ["warning"]
    assert [finding.element for finding in overlapping if finding.severity == "error"] == ["r2"]
    assert [finding for finding in apart if finding.severity == "error"] == []


@pytest.mark.parametrize(
    "xml",
    [
        b"not xml",
        b"<html/>",
        b'<!DOCTYPE d [<!ENTITY a "b">]><definitions/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d><definitions/>'.encode("utf-16"),
        b"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'>"
        + b"<a>" * 5000
        + b"</a>" * 5000
        + b"</definitions>",
        b" " * (5 * 1024 * 1024 + 1),
    ],
    ids=range(6),
)
def test_files_that_are_not_safe_models_are_refused(xml: bytes) -> None:
    with pytest.raises(DecisionsUnreadable, match="Expected"):
        read_decisions(xml)


def test_an_unknown_decision_is_refused_by_name() -> None:
    with pytest.raises(DecisionUnknown, match="missing"):
        decided(a_table("UNIQUE"), "missing")
