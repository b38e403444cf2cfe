"""Facts of a case's journal in the reader's words: the catalogue's sentence, with departments by name and dates as
people say them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.journal import Fact
from web.pages import language

DEPARTMENTS = frozenset({"department", "from_department"})


class ToldFact(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal."""

    at: datetime
    author: str
    sentence: str


def told(fact: Fact, names: Mapping[str, str], zone: ZoneInfo, now: datetime) -> ToldFact:
    """The fact as a sentence. A word the sentence asks for and the fact lacks is left blank, never an error."""
    parameters = {key: _said(key, value, names, zone, now) for key, value in fact.parameters.items()}
    sentence = language.translate(fact.fact).format_map(_Known(parameters))
    return ToldFact(at=fact.at, author=fact.actor_name, sentence=sentence)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _said(key: str, value: Any, names: Mapping[str, str], zone: ZoneInfo, now: datetime) -> str:
    if value is None:
        return ""
    if key in DEPARTMENTS:
        return names.get(str(value), str(value))
    moment = _moment(value)
    return language.say_day(moment, zone, now.astimezone(zone).date()) if moment else str(value)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) < 19 or value[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
