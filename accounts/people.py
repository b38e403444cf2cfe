"""People: whoever has an account, agents of the town and citizens alike. One transaction per verb.

Never decides what a person may do (`accounts.permissions`) and never touches a password in clear
(`accounts.passwords`).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from accounts.errors import DepartmentUnknown, EmailInvalid, EmailTaken, PersonUnknown
from accounts.ids import PersonId, new_id
from accounts.permissions import Role, Viewer
from accounts.store import (
    ForeignKeyViolationError,
    Membership,
    Person,
    Session,
    UniqueViolationError,
    remove,
    rows,
    transaction,
    update,
)

Kind = Literal["citizen", "agent"]

_EMAIL = re.compile(r"[^@\s,;<>\"()]{1,64}@[^@\s,;<>\"()]+\.[^@\s,;<>\"().]{2,}")


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the town knows of a person; `departments` and `supervised` are slugs."""

    id: PersonId
    kind: Kind
    name: str
    email: str
    phone: str | None
    active: bool
    locale: str
    administrator: bool
    reception: bool
    departments: tuple[str, ...] = ()
    supervised: tuple[str, ...] = ()

    def viewer(self) -> Viewer:
        """The same person, as permissions see them."""
        roles: tuple[tuple[Role, bool], ...] = (("administrator", self.administrator), ("reception", self.reception))
        return Viewer(
            person_id=self.id,
            name=self.name,
            kind=self.kind,
            email=self.email,
            locale=self.locale,
            roles=frozenset(role for role, held in roles if held),
            departments=frozenset(self.departments),
            supervised=frozenset(self.supervised),
        )


async def add(
    *,
    name: str,
    email: str,
    now: datetime,
    kind: Kind = "agent",
    phone: str | None = None,
    password_hash: str | None = None,
    roles: Iterable[Role] = (),
    departments: Iterable[str] = (),
    supervises: Iterable[str] = (),
    locale: str = "fr",
) -> PersonId:
    """Adds a person and returns their id. `password_hash` comes from `passwords.hash_password`; without one the
    person first
    follows a password link. Raises `EmailInvalid`, `EmailTaken`, `DepartmentUnknown`."""
    person_id, held = PersonId(new_id(now)), set(roles)
    person = Person(
        id=person_id,
        kind=kind,
        name=" ".join(name.split()),
        email=tidy_email(email),
        phone=phone,
        password_hash=password_hash,
        administrator="administrator" in held,
        reception="reception" in held,
        locale=locale,
        created_at=now,
    )
    try:
        async with transaction():
            await Person.insert(person)
            await _join(person_id, departments, supervises, now)
    except UniqueViolationError as error:
        raise EmailTaken from error
    return person_id


async def get(person_id: UUID) -> Profile:
    """The person with this id, active or not. Raises `PersonUnknown`."""
    found = await _profiles("WHERE person.id = {}", person_id)
    if not found:
        raise PersonUnknown(person_id)
    return found[0]


async def of_email(email: str) -> Profile | None:
    """The person with this address, active or not."""
    found = await _profiles("WHERE person.email = {}", email.strip().lower())
    return found[0] if found else None


async def find(text: str, *, kind: Kind | None = None, limit: int = 20) -> list[Profile]:
    """People whose name or address resembles `text`, nearest first; accents and small typing errors do not matter."""
    return await _profiles(
        "WHERE ({}::text IS NULL OR kind = {}::text) AND (name_folded LIKE '%' || parvis_fold({}) || '%'"
        " OR name_folded % parvis_fold({}) OR email LIKE lower({}) || '%')",
        *(kind, kind, text, text, text),
        order="similarity(name_folded, parvis_fold({})) DESC, name_folded, person.id LIMIT {}",
        order_values=(text, limit),
    )


async def agents_of(department: str) -> list[Profile]:
    """The active agents of a department, by name."""
    return await _profiles(
        "WHERE person.active AND EXISTS"
        " (SELECT 1 FROM membership own WHERE own.person = person.id AND own.department = {})",
        department,
    )


async def agents() -> list[Profile]:
    """Every agent of the town, active or not, by name."""
    return await _profiles("WHERE kind = 'agent'")


async def change(person_id: UUID, **changes: Any) -> None:
    """Changes `name`, `email`, `phone`, `locale`, `administrator` or `reception`.
    Raises `PersonUnknown`, `EmailTaken`, `EmailInvalid`."""
    allowed = {"name", "email", "phone", "locale", "administrator", "reception"}
    if unknown := set(changes) - allowed:
        raise ValueError(f"Expected some of {sorted(allowed)} but got {sorted(unknown)}.")
    if "email" in changes:
        changes["email"] = tidy_email(changes["email"])
    try:
        changed = await update(Person, changes, Person.id == person_id)
    except UniqueViolationError as error:
        raise EmailTaken from error
    if not changed:
        raise PersonUnknown(person_id)


async def place(person_id: UUID, *, departments: Iterable[str], supervises: Iterable[str] = (), now: datetime) -> None:
    """Puts a person in exactly these departments. Raises `DepartmentUnknown`."""
    async with transaction():
        await remove(Membership, Membership.person == person_id)
        await _join(PersonId(person_id), departments, supervises, now)


async def deactivate(person_id: UUID) -> None:
    """Closes an account and its sessions; what the person did stays theirs. Raises `PersonUnknown`."""
    async with transaction():
        if not await update(Person, {"active": False}, Person.id == person_id):
            raise PersonUnknown(person_id)
        await remove(Session, Session.person == person_id)


async def reactivate(person_id: UUID) -> None:
    """Opens a closed account again. Raises `PersonUnknown`."""
    if not await update(Person, {"active": True}, Person.id == person_id):
        raise PersonUnknown(person_id)


def tidy_email(email: str) -> str:
    """The address in lower case, as it is stored and compared. Raises `EmailInvalid`."""
    tidy = email.strip().lower()
    if len(tidy) > 254 or not _EMAIL.fullmatch(tidy):
        raise EmailInvalid
    return tidy


async def _join(person_id: PersonId, departments: Iterable[str], supervises: Iterable[str], now: datetime) -> None:
    supervised = set(supervises)
    for slug in sorted(set(departments) | supervised):
        try:
            await Membership.insert(
                Membership(id=new_id(now), person=person_id, department=slug, supervisor=slug in supervised)
            )
        except ForeignKeyViolationError as error:
            raise DepartmentUnknown(slug) from error


_SELECT = """
SELECT person.id, kind, name, email, phone, active, locale, administrator, reception,
       coalesce(array_agg(department ORDER BY department) FILTER (WHERE department IS NOT NULL), ARRAY[]::varchar[])
       AS departments,
       coalesce(array_agg(department ORDER BY department) FILTER (WHERE supervisor), ARRAY[]::varchar[]) AS supervised
FROM person LEFT JOIN membership ON membership.person = person.id
"""


async def _profiles(
    where: str, *values: Any, order: str = "name_folded, person.id", order_values: tuple[Any, ...] = ()
) -> list[Profile]:
    sql = f"{_SELECT} {where} GROUP BY person.id ORDER BY {order}"
    return [msgspec.convert(row, Profile, strict=False) for row in await rows(sql, *values, *order_values)]
