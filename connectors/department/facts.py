"""Facts: what a routing decision may read besides the answers: the lane, how much each department has to do, who is
away.

`lane`: the name of the step's lane, or null. `workload`: open tasks by department. `absent`: `{departments, people}`,
slugs and e-mail addresses.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from accounts import absences, people
from accounts.absences import Absence
from engine import figures


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The town at this moment."""

    workload: dict[str, int]
    absences: tuple[Absence, ...] = ()

    def context(self, known: Collection[str], lane: str | None) -> dict[str, Any]:
        """What the decision reads; a department without open tasks has 0."""
        away = {
            "departments": absences.names(self.absences, "department"),
            "people": absences.names(self.absences, "person"),
        }
        return {"lane": lane, "workload": {each: self.workload.get(each, 0) for each in sorted(known)}, "absent": away}


async def town_facts(now: datetime, timezone: str) -> Facts:
    """The facts of today, in the town's time."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return Facts(workload=await figures.open_tasks(), absences=tuple(await absences.on(today)))


async def person_of(email: str) -> tuple[str, str] | None:
    """The id (as text) and the name of an active agent; None when there is none."""
    found = await people.of_email(email)
    return (str(found.id), found.name) if found and found.active and found.kind == "agent" else None
