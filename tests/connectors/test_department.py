"""Department: the table decides, the journal says by which rule, and an unknown department never reaches the case."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4
from xml.sax.saxutils import escape

import pytest

from accounts import absences, departments, people
from accounts.absences import Absence, Kind
from accounts.departments import Department
from connectors.department.connector import DepartmentConnector
from connectors.department.facts import Facts, person_of, town_facts
from connectors.errors import InputMissing
from engine.connector import BusinessError
from engine.dmn import read_decisions
from tests.connectors.postbox import a_job
from tests.engine.bundles import REVIEW, a_case, a_procedure

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://parvis.example">
<decision id="routing" name="Routing"><variable id="v" name="routing"/><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="e" typeRef="string"><text>answers.category</text></inputExpression></input>
<input id="j"><inputExpression id="f"><text>{question}</text></inputExpression></input>
<output id="o1" name="department" typeRef="string"/><output id="o2" name="priority" typeRef="number"/>
<output id="o3" name="person" typeRef="string"/>
<annotation name="Why"/>{rules}</decisionTable></decision></definitions>"""
RULE = """<rule id="r{n}"><inputEntry id="a{n}"><text>"{category}"</text></inputEntry>
<inputEntry id="d{n}"><text>{test}</text></inputEntry>
<outputEntry id="b{n}"><text>"{department}"</text></outputEntry><outputEntry
id="c{n}"><text>{priority}</text></outputEntry><outputEntry id="p{n}"><text>{person}</text></outputEntry>
<annotationEntry><text>{why}</text></annotationEntry></rule>"""
RULES = (
    ("road", "voirie", 50, "Chaussée"),
    ("tree", "espaces-verts", 70, "Arbre"),
    ("moon", "lune", 50, "Lune"),
    ("x", "voirie", 500, "x"),
    ("stone", "voirie", 50, "Pierre"),
)
KNOWN = {"voirie", "espaces-verts"}


def connector(
    *, question: str = "lane", tests: tuple[str, ...] = (), facts: Facts | None = None, lanes=(), person: str = "null"
) -> DepartmentConnector:
    """Rules by category, and by the answer to `question` (`tests`: one for each rule, else anything)."""
    rules = "".join(
        RULE.format(
            n=n,
            category=category,
            department=department,
            priority=priority,
            why=why,
            test=escape(tests[n]) if n < len(tests) else "-",
            person=person,
        )
        for n, (category, department, priority, why) in enumerate(RULES)
    )
    decisions = read_decisions(TABLE.format(rules=rules, question=escape(question)).encode())

    async def definition_of(_: str) -> SimpleNamespace:
        return SimpleNamespace(decisions=decisions, elements={"Element": SimpleNamespace(lanes=lanes)})

    async def known() -> set[str]:
        return KNOWN

    async def facts_of(now, timezone) -> Facts:
        return facts or Facts(workload={})

    return DepartmentConnector(known, definition_of, facts_of, person_of)


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


async def test_the_lane_of_the_step_is_read(now):
    by_lane = connector(tests=('"Accueil"',), lanes=("Mairie", "Accueil"))
    elsewhere = connector(tests=('"Accueil"',), lanes=("Technique",))

    assert (await by_lane.run(routing("road"), now)).case["department"] == "voirie"
    with pytest.raises(BusinessError, match="No rule"):
        await elsewhere.run(routing("road"), now)


@pytest.mark.parametrize(("open_tasks", "department"), [(10, "voirie"), (11, "espaces-verts")])
async def test_a_department_with_much_to_do_is_spared(now, monkeypatch, open_tasks, department):
    monkeypatch.setattr("tests.connectors.test_department.RULES", (RULES[0], ("road", "espaces-verts", 50, "Charge")))
    busy = connector(question="workload.voirie", tests=("<= 10", "-"), facts=Facts(workload={"voirie": open_tasks}))

    outcome = await busy.run(routing("road"), now)

    assert outcome.case["department"] == department


async def test_the_open_tasks_of_the_town_are_counted(database, now):
    await a_procedure(now, REVIEW)
    for number in range(3):
        await a_case(now, key=f"k{number}")

    facts = await town_facts(now, "Europe/Paris")

    assert facts.context(KNOWN, None)["workload"] == {"espaces-verts": 0, "voirie": 3}


async def a_town(now) -> dict[str, str]:
    """Two departments and three agents; gives the agents' ids by first name."""
    for slug, name in (("voirie", "Voirie"), ("espaces-verts", "Espaces verts")):
        await departments.upsert(Department(slug=slug, name_fr=name, name_en=name))
    names = ("Yann", "Maud", "Inès")
    return {
        name: str(await people.add(name=f"{name} K.", email=f"{number}@ville.example", now=now))
        for number, name in enumerate(names)
    }


async def away(
    who: str, substitute: str | None, now, *, kind: Kind = "department", days: int = 0, until: int = 5
) -> None:
    first = now.date() + timedelta(days=days)
    last = now.date() + timedelta(days=until)
    await absences.add(kind, who, first, last, substitute=substitute, by_name="Claire", now=now)


async def test_an_absent_department_is_replaced_and_the_journal_says_so(database, now):
    await a_town(now)
    await away("voirie", "espaces-verts", now)
    facts = await town_facts(now, "Europe/Paris")

    outcome = await connector(facts=facts).run(routing("road"), now)
    later = await connector(facts=await town_facts(now + timedelta(days=6), "Europe/Paris")).run(routing("road"), now)

    assert outcome.case["department"] == "espaces-verts"
    assert [fact for fact, _ in outcome.facts][1] == "{absent} is away until {until}; {substitute} takes their place."
    assert outcome.facts[1][1] == {"absent": "Voirie", "until": "2026-11-29", "substitute": "Espaces verts"}
    assert later.case["department"] == "voirie"


async def test_a_table_may_read_who_is_away(database, now):
    await a_town(now)
    await away("espaces-verts", None, now)
    facts = await town_facts(now, "Europe/Paris")
    asking = connector(question='list contains(absent.departments, "espaces-verts")', tests=("false",), facts=facts)

    with pytest.raises(BusinessError, match="No rule"):
        await asking.run(routing("road"), now)


async def test_an_absent_agent_is_replaced_by_whoever_is_there(database, now):
    ids = await a_town(now)
    await away(ids["Yann"], ids["Maud"], now, kind="person")
    await away(ids["Maud"], ids["Inès"], now, kind="person")
    facts = await town_facts(now, "Europe/Paris")

    outcome = await connector(facts=facts, person='"0@ville.example"').run(routing("road"), now)

    assert outcome.variables["routed"]["person"] == ids["Inès"]
    assert [told["absent"] for _, told in outcome.facts[1:]] == ["Yann K.", "Maud K."]


async def test_without_anybody_in_their_place_the_work_waits_for_them(database, now):
    ids = await a_town(now)
    await away(ids["Yann"], None, now, kind="person")
    facts = await town_facts(now, "Europe/Paris")

    outcome = await connector(facts=facts, person='"0@ville.example"').run(routing("road"), now)

    assert outcome.variables["routed"]["person"] == ids["Yann"]
    assert "nobody" in outcome.facts[1][0]


async def test_two_who_replace_each_other_replace_nobody(database, now):
    ids = await a_town(now)
    await away(ids["Yann"], ids["Maud"], now, kind="person")
    await away(ids["Maud"], ids["Yann"], now, kind="person")
    facts = await town_facts(now, "Europe/Paris")

    outcome = await connector(facts=facts, person='"0@ville.example"').run(routing("road"), now)

    assert outcome.variables["routed"]["person"] == ids["Yann"]


async def test_an_agent_nobody_knows_is_refused(database, now):
    with pytest.raises(BusinessError) as refusal:
        await connector(person='"moon@ville.example"').run(routing("road"), now)

    assert refusal.value.code == "PERSON_UNKNOWN"


async def test_a_dry_run_shows_why(now):
    absence = Absence(
        id=uuid4(),
        kind="department",
        who="voirie",
        name="Voirie",
        substitute="espaces-verts",
        substitute_name="Espaces verts",
        email=None,
        first_day=date(2026, 11, 20),
        last_day=date(2026, 12, 1),
        created_by_name="Claire",
    )
    facts = Facts(workload={"voirie": 12}, absences=(absence,))

    told = dict((await connector(facts=facts, lanes=("Accueil",)).preview(routing("road"), now)).lines)

    assert (told["Service"], told["Règle"], told["Couloir"]) == ("espaces-verts", "1 Chaussée", "Accueil")
    assert told["Absence"] == "Voirie, jusqu’au mardi 1er décembre 2026 : remplacé par Espaces verts"
    assert told["Tâches ouvertes par service"] == "espaces-verts 0, voirie 12"
    assert told["Absents ce jour"] == "voirie"
