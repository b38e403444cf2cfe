"""Hall forms: what was typed about a room and its week, read or refused field by field. Pure: never queries."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from desk import weeks
from desk.errors import OpeningsOverlap, OpeningsRefused
from desk.resources import Resource
from desk.slots import Opening

LONGEST_BUFFER = 24 * 60
MOST_PEOPLE = 100_000
WEEKDAYS = range(1, 8)
LONGEST = {"slug": 60, "name_fr": 100, "name_en": 100, "place": 200, "equipment": 500}
SLUG = re.compile(r"[a-z][a-z0-9-]{0,59}")


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """Why a field cannot be kept, a word of the page; `piece` and `other` are the spans it is about."""

    why: str
    piece: str = ""
    other: str = ""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was filled in: kept when nothing is `wrong`. `typed` goes back to the page, field by field."""

    resource: Resource
    openings: tuple[Opening, ...]
    typed: dict[str, str]
    wrong: dict[str, Wrong]


def typed_of(resource: Resource, openings: tuple[Opening, ...], language: str) -> dict[str, str]:
    """A resource as its form shows it."""
    french, english = resource.name.get("fr", ""), resource.name.get("en", "")
    week = {f"day_{day}": weeks.write_day(day, openings, language) for day in WEEKDAYS}
    return week | {
        "slug": resource.slug,
        "name_fr": french,
        "name_en": "" if english == french else english,
        "place": resource.place,
        "equipment": ", ".join(resource.equipment),
        "capacity": str(resource.capacity or ""),
        "before": str(resource.before_minutes),
        "after": str(resource.after_minutes),
        "active": "1" if resource.active else "",
    }


def read(form: Mapping[str, Any], known: Resource) -> Filled:
    """What the form says of the resource; `known` has what the form has not (a new one: its defaults)."""
    names = (*LONGEST, "capacity", "before", "after", "active", *(f"day_{day}" for day in WEEKDAYS))
    typed = {name: str(form.get(name) or "").replace("\0", "").strip()[:600] for name in names}
    slug = known.slug or typed["slug"] or slug_of(typed["name_fr"])
    openings, misread = _read_week(typed)
    wrong = _wrong_texts(typed, slug) | _wrong_numbers(typed) | misread
    resource = msgspec.structs.replace(
        known,
        slug=slug,
        name={"fr": typed["name_fr"], "en": typed["name_en"] or typed["name_fr"]},
        place=typed["place"],
        equipment=tuple(each.strip() for each in typed["equipment"].split(",") if each.strip()),
        capacity=_number(typed["capacity"], MOST_PEOPLE) or None,
        before_minutes=_number(typed["before"], LONGEST_BUFFER) or 0,
        after_minutes=_number(typed["after"], LONGEST_BUFFER) or 0,
        active=bool(typed["active"]),
    )
    return Filled(resource=resource, openings=openings, typed=typed, wrong=wrong)


def slug_of(name: str) -> str:
    """A short name made of a name: “Préau de l’école” → `preau-de-l-ecole`."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name).lower() if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST["slug"]]


def _wrong_texts(typed: dict[str, str], slug: str) -> dict[str, Wrong]:
    wrong = {name: Wrong(why="long") for name, most in LONGEST.items() if len(typed[name]) > most}
    if not typed["name_fr"]:
        return {"name_fr": Wrong(why="required")} | wrong
    return wrong if SLUG.fullmatch(slug) else wrong | {"slug": Wrong(why="slug")}


def _wrong_numbers(typed: dict[str, str]) -> dict[str, Wrong]:
    most = {"capacity": MOST_PEOPLE, "before": LONGEST_BUFFER, "after": LONGEST_BUFFER}
    return {name: Wrong(why=name) for name, limit in most.items() if _number(typed[name], limit) is None}


def _number(text: str, most: int) -> int | None:
    """A whole number, 0 when nothing was typed; None when it is no number, or too large."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= most else None


def _read_week(typed: dict[str, str]) -> tuple[tuple[Opening, ...], dict[str, Wrong]]:
    found: list[Opening] = []
    wrong: dict[str, Wrong] = {}
    for day in WEEKDAYS:
        try:
            found += weeks.read_day(day, typed[f"day_{day}"])
        except OpeningsRefused as error:
            wrong[f"day_{day}"] = Wrong(why=type(error).__name__, piece=error.facts["piece"])
    try:
        weeks.refuse_overlaps(found)
    except OpeningsOverlap as error:
        told = Wrong(why="OpeningsOverlap", piece=error.facts["piece"], other=error.facts["other"])
        wrong.setdefault(f"day_{error.facts['weekday']}", told)
    return tuple(found), dict(sorted(wrong.items()))
