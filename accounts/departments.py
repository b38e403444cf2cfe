"""Departments: the services of the town and how to reach them. The slug is the key everywhere else."""

import msgspec

from accounts.errors import DepartmentUnknown
from accounts.store import Department as Row
from accounts.store import rows, update


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A service of the town. `hours_*` are sentences, one line per line of the week."""

    slug: str
    name_fr: str
    name_en: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    hours_fr: str | None = None
    hours_en: str | None = None
    active: bool = True

    def name(self, language: str) -> str:
        """What people of this language call it."""
        return self.name_en if language == "en" else self.name_fr

    def hours(self, language: str) -> str | None:
        """Opening hours in this language, else in French."""
        return (self.hours_en or self.hours_fr) if language == "en" else self.hours_fr


_KNOWN = [
    Row.name_fr,
    Row.name_en,
    Row.email,
    Row.phone,
    Row.address,
    Row.hours_fr,
    Row.hours_en,
    Row.active,
]


async def upsert(department: Department) -> None:
    """Adds a department, or replaces what is known of it."""
    values = msgspec.to_builtins(department)
    row = Row(**values)
    await Row.insert(row).on_conflict(target=Row.slug, action="DO UPDATE", values=_KNOWN)


async def get(slug: str) -> Department:
    """The department with this slug, active or not. Raises `DepartmentUnknown`."""
    found = await rows("SELECT * FROM department WHERE slug = {}", slug)
    if not found:
        raise DepartmentUnknown(slug)
    return msgspec.convert(found[0], Department)


async def all_active() -> list[Department]:
    """Departments that take work, by French name."""
    found = await rows("SELECT * FROM department WHERE active ORDER BY parvis_fold(name_fr), slug")
    return [msgspec.convert(row, Department) for row in found]


async def retire(slug: str) -> None:
    """The department takes no new work; its past stays readable. Raises `DepartmentUnknown`."""
    if not await update(Row, {"active": False}, Row.slug == slug):
        raise DepartmentUnknown(slug)
