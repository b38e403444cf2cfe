"""Tables judged before any case: rules that never decide, gaps, and tables that are right."""

import pytest

from engine.dmn import read_decisions
from web.pages.language import translations


def a_table(policy: str, *rows: tuple[str, ...], default: str = "", allowed: str = "") -> bytes:
    """A table of as many inputs (a, b…) as its rows have cells."""
    names = "abc"[: len(rows[0])]
    listed = f'<inputValues id="v"><text>{allowed}</text></inputValues>' if allowed else ""
    inputs = "".join(
        f'<input id="in_{name}" label="{name}"><inputExpression id="e_{name}"><text>{name}</text></inputExpression>'
        f"{listed}</input>"
        for name in names
    )
    entry = f'<defaultOutputEntry id="d"><text>{default}</text></defaultOutputEntry>' if default else ""
    rules = "".join(
        f'<rule id="r{number}">'
        + "".join(f"<inputEntry><text>{cell.replace('<', '&lt;')}</text></inputEntry>" for cell in row)
        + f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number, row in enumerate(rows, 1)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="fee" name="fee"><decisionTable id="t" hitPolicy="{policy}">{inputs}'
        f'<output id="o" name="fee">{entry}</output>{rules}</decisionTable></decision></definitions>'
    ).encode()


def found(xml: bytes) -> list[tuple[str, str]]:
    return [(finding.code, finding.element) for finding in read_decisions(xml).findings()]


@pytest.mark.parametrize(
    "xml",
    [
        a_table("UNIQUE", ("< 18",), (">= 18",)),
        a_table("UNIQUE", ("[0..17]",), ("[18..120]",), ("< 0",), ("> 120",)),
        a_table("FIRST", ("true", "> 5"), ("-", "-")),
        a_table("UNIQUE", ("true",), ("false",)),
        a_table("UNIQUE", ('"a"',), ('not("a")',)),
        a_table("UNIQUE", ('"a"',), ('"b"',), allowed='"a", "b"'),
        a_table("COLLECT", ("< 5",), ("> 9",)),
        a_table("UNIQUE", ("< 5",), ("> 9",), default="0"),
        a_table("UNIQUE", ('date("2026-01-01")',), ("today()",)),
        a_table("FIRST", ('"a", "b"',), ('"c"',)),
    ],
    ids=range(10),
)
def test_nothing_is_told_of_a_table_that_may_be_right(xml: bytes) -> None:
    assert found(xml) == []


@pytest.mark.parametrize(
    ("xml", "gap"),
    [
        (a_table("UNIQUE", ("< 18",), ("> 18",)), "a is 18"),
        (a_table("UNIQUE", ("<= 10",), (">= 20",)), "a is between 10 and 20"),
        (a_table("FIRST", ("true", "> 5"), ("false", "-")), "a is true and b is 5"),
        (a_table("UNIQUE", ('"a"',), allowed='"a", "b"'), "a is b"),
        (a_table("UNIQUE", ("[1..5]",)), "a is below 1"),
    ],
)
def test_what_no_rule_answers_is_told_with_an_example(xml: bytes, gap: str) -> None:
    first = next(finding for finding in read_decisions(xml).findings() if finding.code == "rows_leave_gap")

    assert first.message == f"No rule matches, and there is no default answer, where {gap}."
    assert first.severity == "warning"


def test_a_rule_behind_wider_ones_never_decides() -> None:
    xml = a_table("FIRST", ("< 10", "-"), (">= 10", "true"), ("[5..20]", "true"), ("-", "-"))

    assert found(xml) == [("rule_unreachable", "r3")]


def test_a_rule_whose_cell_accepts_nothing_never_matches() -> None:
    assert ("rule_empty", "r1") in found(a_table("UNIQUE", ("]5..5[",), ("-",)))


def test_rules_that_exclude_one_another_are_named_by_their_numbers_in_french() -> None:
    finding = read_decisions(a_table("UNIQUE", ("[1..10]",), ("> 9",), ("< 1",))).findings()[0]

    said = finding.sentence.says(translations("fr").gettext)

    assert said == "Cette règle et la règle 1 peuvent convenir en même temps ; la table n’en permet qu’une."


TOLD = [
    (
        a_table("UNIQUE", ("foo(?)",)),
        ("function_unknown", "r1", "a", "error"),
        "Ligne 1, colonne 1 : La fonction « foo » n’existe pas.",
    ),
    (
        a_table("UNIQUE", ('? > 1 and\n 5 < "a"',)),
        ("never_comparable", "r1", "a", "warning"),
        "Ligne 2, colonne 2 : Ces deux valeurs ne se comparent pas : un nombre et un texte.",
    ),
    (
        a_table("FIRST", ("-",), ("5",)),
        ("rule_unreachable", "r2", "2", "warning"),
        "Cette règle ne décide jamais : celles qui la précèdent conviennent chaque fois qu’elle convient.",
    ),
    (
        a_table("COLLECT", ("]5..5[",), ("-",)),
        ("rule_empty", "r1", "1", "warning"),
        "Cette règle ne convient jamais : une de ses cases n’accepte aucune valeur.",
    ),
    (
        a_table("UNIQUE", ("< 1",), (">= 2",)),
        ("rows_leave_gap", "t", "", "warning"),
        "Aucune règle ne convient, et il n’y a pas de réponse par défaut, lorsque a vaut 1.",
    ),
]


@pytest.mark.parametrize(("xml", "place", "french"), TOLD, ids=[told[1][0] for told in TOLD])
def test_each_finding_has_its_place_and_its_french(xml: bytes, place: tuple[str, ...], french: str) -> None:
    finding = next(each for each in read_decisions(xml).findings() if each.code == place[0])

    assert (finding.code, finding.element, finding.column, finding.severity) == place
    assert finding.decision == "fee"
    assert finding.sentence.says(translations("fr").gettext) == french


def test_a_function_that_the_model_declares_is_known() -> None:
    xml = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        b'<businessKnowledgeModel id="b" name="double"><variable name="double"/><encapsulatedLogic>'
        b'<formalParameter name="n"/><literalExpression><text>n * 2</text></literalExpression>'
        b'</encapsulatedLogic></businessKnowledgeModel><decision id="x" name="x"><variable name="x"/>'
        b'<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>'
        b"<literalExpression><text>double(21)</text></literalExpression></decision></definitions>"
    )

    assert read_decisions(xml).findings() == ()
