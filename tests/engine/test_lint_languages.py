"""The deploy gate on FEEL and DMN: what it sees before any case, and how it is said in French."""

import pytest

from admin.gate import _said  # pyright: ignore[reportPrivateUsage]
from tests.engine.bundles import REVIEW
from tests.engine.test_lint import found_in, inserted
from web.pages import language

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="fee" name="Tarif"><decisionTable id="t" hitPolicy="{policy}"><input id="i" label="Age">
<inputExpression id="e"><text>age</text></inputExpression></input>
<output id="o" name="fee"/>{rules}</decisionTable></decision></definitions>"""
RULE = (
    "<rule id='{id}'><inputEntry><text>{test}</text></inputEntry><outputEntry><text>{value}</text></outputEntry></rule>"
)


def a_file(*rules: tuple[str, str], policy: str = "UNIQUE") -> dict[str, bytes]:
    drawn = "".join(RULE.format(id=f"r{place}", test=test, value=value) for place, (test, value) in enumerate(rules))
    return {"fee.dmn": TABLE.format(policy=policy, rules=drawn).encode()}


@pytest.mark.parametrize(
    ("rules", "severity", "said"),
    [
        ([("&gt; 1", "1"), ("&gt; 5", "2")], "error", "peuvent convenir en même temps"),
        ([("foo(", "1")], "error", "la fin de l’expression ne convient pas"),
        ([("&lt; 18", "1"), ("&gt; 18", "2")], "warning", "lorsque Age vaut 18."),
    ],
)
def test_what_is_wrong_with_a_table_is_told_in_french(rules: list[tuple[str, str]], severity: str, said: str) -> None:
    marker = language.speak("fr")

    found = [each for each in found_in(files=a_file(*rules)) if each.rule == "decision-tables"]

    assert (found[0].severity, found[0].element) == (severity, "fee")
    assert said in _said(found[0]).message
    language.hush(marker)


def test_a_table_that_is_right_has_no_finding() -> None:
    found = found_in(files=a_file(("&lt; 18", "1"), ("&gt;= 18", "2")))

    assert [each for each in found if each.rule == "decision-tables"] == []


def test_a_function_that_does_not_exist_keeps_a_bundle_from_being_published() -> None:
    body = inserted(REVIEW, "<zeebe:ioMapping>", '<zeebe:ioMapping><zeebe:input source="=sumof([1])" target="kind"/>')

    found = [each for each in found_in(body) if each.rule == "expressions-sound"]

    assert [(each.severity, each.element) for each in found] == [("error", "Tell")]
    assert "At line 1, column 1: Expected a function that exists, but found “sumof”." in found[0].says()


def test_a_diagram_that_is_not_feel_is_told_in_french() -> None:
    marker = language.speak("fr")
    body = inserted(REVIEW, "<zeebe:ioMapping>", '<zeebe:ioMapping><zeebe:input source="=1 +" target="kind"/>')

    found = [each for each in found_in(body) if each.rule == "expression"]

    assert "il faut une valeur" in _said(found[0]).message
    assert _said(found[0]).way_out == "Corrigez l’expression."
    language.hush(marker)


def test_what_cannot_be_built_is_told_in_french_with_its_way_out() -> None:
    marker = language.speak("fr")
    body = inserted(REVIEW, "<zeebe:taskSchedule", "<zeebe:unknownThing/><zeebe:taskSchedule")

    found = [_said(each) for each in found_in(body) if each.rule == "not-supported"]

    assert found[0].message == "Parvis n’exécute pas l’extension unknownThing."
    assert found[0].way_out == "Retirez-la, ou importez le schéma avec le convertisseur."
    language.hush(marker)
