"""Department: the table decides, the journal says by which rule, and an unknown department never reaches the case."""

from types import SimpleNamespace

import pytest

from connectors.department.connector import DepartmentConnector
from connectors.errors import InputMissing
from engine.connector import BusinessError
from engine.dmn import read_decisions
from tests.connectors.postbox import a_job

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://parvis.example">
<decision id="routing" name="Routing"><variable id="v" name="routing"/><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="e" typeRef="string"><text>answers.category</text></inputExpression></input>
<output id="o1" name="department" typeRef="string"/><output id="o2" name="priority" typeRef="number"/>
<annotation name="Why"/>{rules}</decisionTable></decision></definitions>"""
RULE = """<rule id="r{n}"><inputEntry id="a{n}"><text>"{category}"</text></inputEntry>
<outputEntry id="b{n}"><text>"{department}"</text></outputEntry><outputEntry
id="c{n}"><text>{priority}</text></outputEntry>
<annotationEntry><text>{why}</text></annotationEntry></rule>"""
RULES = (
    ("road", "voirie", 50, "Chaussée"),
    ("tree", "espaces-verts", 70, "Arbre"),
    ("moon", "lune", 50, "Lune"),
    ("x", "voirie", 500, "x"),
)


def connector() -> DepartmentConnector:
    rules = "".join(
        RULE.format(n=n, category=category, department=department, priority=priority, why=why)
        for n, (category, department, priority, why) in enumerate(RULES)
    )
    decisions = read_decisions(TABLE.format(rules=rules).encode())

    async def definition_of(_: str) -> SimpleNamespace:
        return SimpleNamespace(decisions=decisions)

    async def known() -> set[str]:
        return {"voirie", "espaces-verts"}

    return DepartmentConnector(known, definition_of)


def routing(category: str):
    return a_job("parvis:department", input={"decision": "routing", "values": {"answers": {"category": category}}})


async def test_the_table_decides_the_department_and_the_priority(now):
    outcome = await connector().run(routing("tree"), now)

    assert outcome.case == {"department": "espaces-verts", "priority": 70}


async def test_the_journal_says_by_which_rule(now):
    ((fact, told),) = (await connector().run(routing("tree"), now)).facts

    assert fact.startswith("The request was routed to {department}")
    assert (told["department"], told["rule"], told["reason"]) == ("espaces-verts", 2, "Arbre")


@pytest.mark.parametrize(
    ("category", "code", "word"),
    [
        ("moon", "DEPARTMENT_UNKNOWN", "lune"),
        ("sea", "DEPARTMENT_UNDECIDED", "routing"),
        ("x", "DEPARTMENT_UNDECIDED", "100"),
    ],
)
async def test_what_the_town_does_not_have_is_refused_in_plain_words(now, category, code, word):
    with pytest.raises(BusinessError, match=word) as refusal:
        await connector().run(routing(category), now)

    assert refusal.value.code == code


async def test_a_job_without_decision_is_refused(now):
    with pytest.raises(InputMissing, match="decision"):
        await connector().run(a_job("parvis:department"), now)
