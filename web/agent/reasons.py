"""Reasons: what the decision tables of a procedure decided for a case, and by which rules, in the reader's words."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from engine.feel.sentences import KINDS, sentence_kept
from engine.journal import Passage
from web.pages import language

Pairs = tuple[tuple[str, str], ...]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that decided: its table, its number from 1, the words beside it, what it read and what it answered."""

    table: str
    number: int
    annotation: str
    inputs: Pairs
    outputs: Pairs


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: when, by which rules (required decisions first), and what kept a part of it from an answer.
    `by_rules` is false for an expression, which has no rules of its own; `parts` are the entries of an answer that no
    one line could say.
    """

    at: datetime
    name: str
    answer: str
    parts: Pairs
    by_rules: bool
    rules: tuple[Rule, ...]
    problems: tuple[str, ...]


def decided(passages: Iterable[Passage], zone: ZoneInfo, today: date) -> list[Decided]:
    """The decisions of a case, oldest first. A part that an older trace lacks is left out, never an error."""
    return [_decided(passage, zone, today) for passage in passages]


def _decided(passage: Passage, zone: ZoneInfo, today: date) -> Decided:
    matches = cast("list[dict[str, Any]]", passage.details.get("matches") or [])
    rules = tuple(_rule(match, zone, today) for match in matches)
    problems = (sentence_kept(kept).says(language.translate) for kept in passage.details.get("problems") or [])
    decision = str(passage.details.get("decision", ""))
    # The rules of the decision asked come last, after those it requires.
    own = [rule for match, rule in zip(matches, rules, strict=True) if match.get("decision") == decision]
    answer = passage.details.get("answer")
    parts = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    one = "" if answer is None or parts else _said(answer, zone, today)
    return Decided(
        at=passage.at,
        name=own[-1].table if own else str(passage.details.get("name") or decision),
        answer=one or " · ".join(value for rule in own for _, value in rule.outputs),
        parts=() if own else tuple((name, _said(value, zone, today)) for name, value in parts.items()),
        by_rules=bool(passage.details.get("by_rules", True)),
        rules=rules,
        problems=tuple(dict.fromkeys(problems)),
    )


def _rule(match: Mapping[str, Any], zone: ZoneInfo, today: date) -> Rule:
    def said(part: str) -> Pairs:
        return tuple((label, _said(value, zone, today)) for label, value in (match.get(part) or {}).items())

    return Rule(
        table=str(match.get("table_name") or match.get("decision") or ""),
        number=int(match.get("rule_index", 0)) + 1,
        annotation=str(match.get("annotation") or ""),
        inputs=said("inputs"),
        outputs=said("outputs"),
    )


def _said(value: Any, zone: ZoneInfo, today: date) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return language.translate("Yes" if value else "No")
        case int() | float():
            return language.say_number(value)
        case list():
            return ", ".join(_said(item, zone, today) for item in cast("list[Any]", value)) or "–"
        case dict():
            entries = cast("dict[str, Any]", value).items()
            return ", ".join(f"{name} : {_said(item, zone, today)}" for name, item in entries)
        case str() if value.startswith("(") and value[1:-1] in KINDS:
            # What the trace keeps of a function, or of a value too big to be read.
            return f"({language.translate(KINDS[value[1:-1]])})"
        case _:
            return _day(str(value), zone, today) or str(value)


def _day(text: str, zone: ZoneInfo, today: date) -> str | None:
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text.partition("@")[0])
    except ValueError:
        return None
    return language.say_day(moment if len(text) > 10 else moment.date(), zone, today)
