"""Business rule tasks with decision tables, and what is sent with or without a connector."""

from engine.effects import DecisionTraced, JobQueued, MessagePublished
from tests.engine.bpmn.diagrams import diagram, each_of, element, end, gateway, mark, message, script, start, throw

TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="fee" name="Fee"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i"><inputExpression id="ie" typeRef="string"><text>answers.kind</text></inputExpression></input>
<output id="o" name="amount" typeRef="number"/>
<rule id="r1"><inputEntry id="e1"><text>"club"</text></inputEntry>
<outputEntry id="o1"><text>0</text></outputEntry></rule>
<rule id="r2"><inputEntry id="e2"><text>"person"</text></inputEntry>
<outputEntry id="o2"><text>12.5</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
RULE = element("businessRuleTask", "R", zeebe='<calledDecision decisionId="fee" resultVariable="fee"/>')


def test_a_business_rule_task_decides_and_keeps_the_matched_rules(run):
    decided = run(diagram([start(), RULE, end()], "S > R > E"), files={"fee.dmn": TABLE}, answers={"kind": "person"})

    trace = decided.of(DecisionTraced)[0]

    assert decided.variables["fee"] == 12.5 and type(decided.variables["fee"]) is float
    assert (trace.decision, trace.trace["matches"][0]["rule_id"]) == ("fee", "r2")


def test_a_decision_the_bundle_does_not_have_is_an_incident(run):
    assert run(diagram([start(), RULE, end()], "S > R > E")).incident("R").kind == "decision"


def test_a_condition_asks_a_decision_and_the_rules_are_kept_with_the_gateway(run):
    free = diagram(
        [start(), gateway("exclusive", "G", default="G_B"), mark("A"), mark("B"), end()],
        "S > G > B > E",
        """G > A : =decide("fee", {answers: {kind: who}}) > 10""",
        "A > E",
    )

    asked = run(free, files={"fee.dmn": TABLE}, who="person")

    trace = asked.of(DecisionTraced)[0]
    assert asked.marks == ["A"]
    assert (trace.element, trace.decision, trace.trace["matches"][0]["rule_id"]) == ("G", "fee", "r2")


def test_a_decision_asked_without_inputs_reads_the_variables(run):
    asked = run(
        diagram([start(), script("A", 'decide("fee") + 1', "total"), end()], "S > A > E"),
        files={"fee.dmn": TABLE},
        answers={"kind": "person"},
    )

    assert asked.variables["total"] == 13.5
    assert "decide" not in asked.variables


def test_each_iteration_may_ask_a_decision(run):
    every = each_of("=kinds", "item", results="fees", result="=fee")
    asked = run(
        diagram([start(), script("A", 'decide("fee", {answers: {kind: item}})', "fee", every), end()], "S > A > E"),
        files={"fee.dmn": TABLE},
        kinds=["person", "club"],
    )

    assert asked.variables["fees"] == [12.5, 0]


def test_a_decision_that_is_not_there_is_an_incident_of_the_element_that_asks(run):
    asked = run(diagram([start(), script("A", 'decide("none")', "x"), end()], "S > A > E"))

    assert asked.incident("A").kind == "decision"


def test_the_decisions_of_an_expression_take_from_its_budget(run):
    many = 'count(for i in 1..50000 return decide("fee", {answers: {kind: "club"}}))'
    asked = run(diagram([start(), script("A", many, "x"), end()], "S > A > E"), files={"fee.dmn": TABLE})

    assert "steps" in asked.incident("A").message
    assert len(asked.of(DecisionTraced)) < 300


def test_a_send_task_with_a_job_type_is_a_connectors_work_else_a_message(run):
    zeebe = '<taskDefinition type="parvis:mail"/>'
    by_job = run(diagram([start(), element("sendTask", "T", zeebe=zeebe), mark("A")], "S > T > A"))
    payload = '<ioMapping><input source="=answers.n" target="number"/></ioMapping>'
    inside = run(
        diagram([start(), throw("T", message("keyed"), zeebe=payload), end("E", message("m2"))], "S > T > E"),
        key="7",
        answers={"n": 3},
    )

    by_job.finish("T")

    assert by_job.of(JobQueued)[0].type == "parvis:mail" and by_job.marks == ["A"]
    assert [(sent.name, sent.key, sent.variables) for sent in inside.of(MessagePublished)] == [
        ("keyed", "7", {"number": 3}),
        ("m2", None, {}),
    ]
