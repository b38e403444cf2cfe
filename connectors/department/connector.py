"""Department: who handles the case, by decision table. An unknown department is never written to the case: it
blocks, in plain words."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

from connectors.inputs import context_of, text_of
from engine import deployments
from engine.connector import BusinessError, Job, JobOutcome, Preview

ROUTED = "The request was routed to {department} (rule {rule}): {reason}"
PRIORITIES = range(101)

DefinitionSource = Callable[[str], Awaitable[Any]]


class DepartmentConnector:
    """Job type `parvis:department`. `known` gives the slugs of the departments that take work."""

    def __init__(
        self,
        known: Callable[[], Awaitable[Collection[str]]],
        definition_of: DefinitionSource = deployments.definition_of,
    ) -> None:
        self.known, self.definition_of = known, definition_of

    async def preview(self, job: Job, now: datetime) -> Preview:
        """What the table decides, and by which rule."""
        definition = await self.definition_of(job.definition_hash)
        decided = definition.decisions.evaluate(text_of(job, "decision"), await context_of(job), now)
        department, priority = _read(decided.value, text_of(job, "decision"))
        told = _rule(decided.matches)
        lines = (("Service", department), ("Priorité", "–" if priority is None else str(priority)))
        return Preview(lines=(*lines, ("Règle", f"{told['rule']} {told['reason']}".strip() or "–")))

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Decide. Business errors `DEPARTMENT_UNDECIDED` (no rule, no department) and `DEPARTMENT_UNKNOWN`;
        uncaught, they block
        the case at once, since another try would decide the same."""
        decision = text_of(job, "decision")
        definition = await self.definition_of(job.definition_hash)
        decided = definition.decisions.evaluate(decision, await context_of(job), now)
        department, priority = _read(decided.value, decision)
        if department not in await self.known():
            raise BusinessError(
                "DEPARTMENT_UNKNOWN",
                f"The decision “{decision}” names the department “{department}”, which does not exist. "
                "Correct the table, or add the department, then try again.",
            )
        case = {"department": department} | ({} if priority is None else {"priority": priority})
        facts = ((ROUTED, {"department": department, **_rule(decided.matches)}),)
        return JobOutcome(variables={"routed": case}, case=case, facts=facts)


def _read(value: Any, decision: str) -> tuple[str, int | None]:
    found = value if isinstance(value, dict) else {"department": value}
    department, priority = found.get("department"), found.get("priority")
    if not isinstance(department, str) or not department:
        raise BusinessError(
            "DEPARTMENT_UNDECIDED", f"No rule of the decision “{decision}” names a department for this case."
        )
    if priority is not None and int(priority) not in PRIORITIES:
        raise BusinessError(
            "DEPARTMENT_UNDECIDED", f"The decision “{decision}” gives a priority that is not between 0 and 100."
        )
    return department, None if priority is None else int(priority)


def _rule(matches: Any) -> dict[str, Any]:
    if not matches:
        return {"rule": "", "reason": ""}
    last = matches[-1]
    return {"rule": last.rule_index + 1, "reason": last.annotation or ""}
