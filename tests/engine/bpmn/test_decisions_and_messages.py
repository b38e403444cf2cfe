"""Business rule tasks with decision tables, and what is sent with or without a connector."""

from engine.effects import DecisionTraced, JobQueued, MessagePublished
from tests.engine.bpmn.diagrams import diagram, element, end, mark, message, start, throw

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
