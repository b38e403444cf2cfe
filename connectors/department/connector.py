"""Department: who handles the case, by decision table. An unknown department is never written to the case: it
blocks, in plain words. Whoever is away is replaced by their substitute, and the journal says so."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

import msgspec

from accounts.absences import Absence, Kind, standing_in
from connectors.department.facts import Facts, person_of, town_facts
from connectors.inputs import context_of, text_of
from connectors.wording import said_day
from engine import deployments
from engine.connector import BusinessError, Job, JobOutcome, Preview
from engine.feel.sentences import Sentence

ROUTED = "The request was routed to {department} (rule {rule}): {reason}"
REPLACED = "{absent} is away until {until}; {substitute} takes their place."
ALONE = "{absent} is away until {until}, and nobody takes their place."
UNKNOWN = (
    "The decision “{0}” names the department “{1}”, which does not exist. "
    "Correct the table, or add the department, then try again."
)
NOBODY = "The decision “{0}” names an agent who is not known here."
UNDECIDED = "No rule of the decision “{0}” names a department for this case."
NO_PRIORITY = "The decision “{0}” gives a priority that is not between 0 and 100."
PRIORITIES = range(101)

DefinitionSource = Callable[[str], Awaitable[Any]]
FactsSource = Callable[[datetime, str], Awaitable[Facts]]
PersonSource = Callable[[str], Awaitable[tuple[str, str] | None]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, and why. `person` is an agent's id; `absences` were gone through on the way."""

    department: str
    priority: int | None
    person: str | None
    rule: dict[str, Any]
    absences: tuple[Absence, ...]
    seen: dict[str, Any]


class DepartmentConnector:
    """Job type `parvis:department`. `known` gives the slugs of the departments that take work."""

    def __init__(
        self,
        known: Callable[[], Awaitable[Collection[str]]],
        definition_of: DefinitionSource = deployments.definition_of,
        facts_of: FactsSource = town_facts,
        person_of: PersonSource = person_of,
        timezone: str = "Europe/Paris",
    ) -> None:
        self.known, self.definition_of, self.timezone = known, definition_of, timezone
        self.facts_of, self.person_of = facts_of, person_of

    async def preview(self, job: Job, now: datetime) -> Preview:
        """What the table decides, by which rule, what it knew, and who is away."""
        route = await self._route(job, now)
        lines = [("Service", route.department), ("Priorité", "–" if route.priority is None else str(route.priority))]
        if route.person:
            lines.append(("Agent", route.person))
        lines.append(("Règle", f"{route.rule['rule']} {route.rule['reason']}".strip() or "–"))
        lines += [("Absence", _absence(each)) for each in route.absences]
        away = route.seen["absent"]
        work = ", ".join(f"{slug} {number}" for slug, number in route.seen["workload"].items())
        lines += [("Couloir", route.seen["lane"] or "–"), ("Tâches ouvertes par service", work or "–")]
        lines.append(("Absents ce jour", ", ".join([*away["departments"], *away["people"]]) or "–"))
        return Preview(lines=tuple(lines))

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Decide. Business errors `DEPARTMENT_UNDECIDED` (no rule, no department), `DEPARTMENT_UNKNOWN` and
        `PERSON_UNKNOWN`; uncaught, they block the case at once, since another try would decide the same."""
        route = await self._route(job, now)
        case = {"department": route.department} | ({} if route.priority is None else {"priority": route.priority})
        routed = case | ({"person": route.person} if route.person else {})
        facts = ((ROUTED, {"department": route.department, **route.rule}), *map(_fact, route.absences))
        return JobOutcome(variables={"routed": routed}, case=case, facts=facts)

    async def _route(self, job: Job, now: datetime) -> Route:
        decision = text_of(job, "decision")
        definition, known = await self.definition_of(job.definition_hash), await self.known()
        facts = await self.facts_of(now, self.timezone)
        element = definition.elements.get(job.element_id)
        seen = facts.context(known, element.lanes[-1] if element and element.lanes else None)
        # What the element gives by these names comes before what we know.
        seen = {**seen, **await context_of(job)}
        decided = definition.decisions.evaluate(decision, seen, now)
        department, priority, email = _read(decided.value, decision)
        if department not in known:
            raise BusinessError(
                "DEPARTMENT_UNKNOWN",
                Sentence(UNKNOWN, (decision, department)),
            )
        person = await self._person(email, decision) if email else None
        there, gone = _present(facts, "department", department)
        colleague, gone_too = _present(facts, "person", person) if person else (None, ())
        return Route(
            department=there if there in known else department,
            priority=priority,
            person=colleague,
            rule=_rule(decided.matches),
            absences=(*gone, *gone_too),
            seen=seen,
        )

    async def _person(self, email: str, decision: str) -> str:
        found = await self.person_of(email)
        if found is None:
            raise BusinessError("PERSON_UNKNOWN", Sentence(NOBODY, (decision,)))
        return found[0]


def _present(facts: Facts, kind: Kind, who: str) -> tuple[str, tuple[Absence, ...]]:
    """Who does the work: they, or whoever stands in; they all the same when nobody does."""
    chain = standing_in(facts.absences, kind, who)
    return (chain[-1].substitute or who if chain else who), chain


def _fact(absence: Absence) -> tuple[str, dict[str, Any]]:
    told = {"absent": absence.name, "until": absence.last_day.isoformat()}
    return (REPLACED, {**told, "substitute": absence.substitute_name}) if absence.substitute else (ALONE, told)


def _absence(absence: Absence) -> str:
    until = f"{absence.name}, jusqu’au {said_day(absence.last_day, 'fr')}"
    return f"{until} : remplacé par {absence.substitute_name}" if absence.substitute else f"{until} : sans remplaçant"


def _read(value: Any, decision: str) -> tuple[str, int | None, str]:
    found = value if isinstance(value, dict) else {"department": value}
    department, priority, person = found.get("department"), found.get("priority"), found.get("person")
    if not isinstance(department, str) or not department:
        raise BusinessError("DEPARTMENT_UNDECIDED", Sentence(UNDECIDED, (decision,)))
    if priority is not None and int(priority) not in PRIORITIES:
        raise BusinessError("DEPARTMENT_UNDECIDED", Sentence(NO_PRIORITY, (decision,)))
    return department, None if priority is None else int(priority), str(person or "")


def _rule(matches: Any) -> dict[str, Any]:
    if not matches:
        return {"rule": "", "reason": ""}
    last = matches[-1]
    return {"rule": last.rule_index + 1, "reason": last.annotation or ""}
