"""Listing: what agents' lists share: titles of procedures, names of departments, and the moments tasks are grouped
by.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from accounts import departments
from engine import deployments
from engine.tasks import InboxTask
from web.pages import language


async def procedure_titles() -> dict[str, str]:
    """The title of each procedure in service, by slug, in the reader's language and in order."""
    offered = await deployments.active_all()
    titles = {one.slug: language.pick(one.manifest.title) for one in offered}
    return dict(sorted(titles.items(), key=lambda item: item[1].casefold()))


async def department_names() -> dict[str, str]:
    """The name of each department, by slug, in the reader's language."""
    return {each.slug: each.name(language.spoken()) for each in await departments.all_active()}


def by_moment(tasks: Iterable[InboxTask], now: datetime, zone: ZoneInfo) -> list[tuple[str, list[InboxTask]]]:
    """Tasks in the order given, under `late`, `today`, `week`, `later` or `undated`."""
    return [
        (moment, list(group)) for moment, group in groupby(tasks, key=lambda task: moment_of(task.due_at, now, zone))
    ]


def moment_of(due: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """When something due then is to be done, seen from now."""
    if due is None:
        return "undated"
    if due < now:
        return "late"
    midnight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if due < midnight:
        return "today"
    return "week" if due < midnight + timedelta(days=6) else "later"
