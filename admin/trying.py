"""Trying: what an expression or a decision answers for values typed into the editor, and why. Changes nothing.

The limits of FEEL bound the work; it is done in a thread, so that the other visitors do not wait for it.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from litestar import post

from engine.deadlines import town_time
from engine.dmn import Match, read_decisions
from engine.feel import FeelSyntaxError, Problem, compile_expression
from engine.feel.json import to_json
from engine.feel.problems import ToldError
from engine.feel.sentences import place_in
from engine.feel.trace import steps_of
from engine.feel.typed import deepest, typed_variables
from web.pages import guards
from web.pages.language import translate
from web.pages.layout import AnyRequest
from web.pages.visit import visit_of

Fields = list[tuple[list[str], str]]
MAX_SHOWN = 2_000
MAX_XML = 1024 * 1024


class TriedExpression(msgspec.Struct, frozen=True):
    """An expression as it stands in the editor, and values for what it reads."""

    expression: str
    fields: Fields = []


class TriedDecision(msgspec.Struct, frozen=True):
    """The rules as they stand in the editor, the decision asked, and values for what it reads."""

    xml: str
    decision: str
    fields: Fields = []


class SaidProblem(msgspec.Struct, frozen=True):
    """Why something is null, in the reader's words; the place is absent where there is no one text."""

    message: str
    line: int | None = None
    column: int | None = None


class SaidStep(msgspec.Struct, frozen=True):
    """One line of the explanation."""

    text: str
    value: str
    depth: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What the panel shows: the fields to fill, the value as JSON, the way to it, and what went wrong."""

    needs: list[tuple[str, ...]] = []
    value: str | None = None
    trace: list[SaidStep] = []
    problems: list[SaidProblem] = []
    refusal: SaidProblem | None = None


@post("/admin/essayer/expression", guards=[guards.administrator], status_code=200)
async def expression(request: AnyRequest, data: TriedExpression) -> Answer:
    """The value of an expression, the value of each of its parts, and every reason for a null."""
    return await _bounded(_try_expression, data, town_time(visit_of(request).now))


@post("/admin/essayer/decision", guards=[guards.administrator], status_code=200)
async def decision(request: AnyRequest, data: TriedDecision) -> Answer:
    """The answer of a decision and the rules that matched."""
    return await _bounded(_try_decision, data, town_time(visit_of(request).now))


async def _bounded(work: Callable[[Any, datetime], Answer], tried: Any, now: datetime) -> Answer:
    try:
        return await asyncio.to_thread(work, tried, now)
    except FeelSyntaxError as refused:
        return Answer(refusal=SaidProblem(refused.sentence.says(translate), refused.line, refused.column))
    except ToldError as refused:
        return Answer(refusal=SaidProblem(refused.sentence.says(translate)))


def _try_expression(tried: TriedExpression, now: datetime) -> Answer:
    text = tried.expression
    # A space for the sign that begins expressions of diagrams: places stay those of the text on the screen.
    compiled = compile_expression(text.replace("=", " ", 1) if text.lstrip().startswith("=") else text)
    variables = typed_variables(tried.fields, now)
    explained = compiled.explain(variables, now)
    return Answer(
        needs=deepest(compiled.paths),
        value=_shown(explained.value),
        trace=[SaidStep(step.text, _shown(step.value), step.depth) for step in steps_of(compiled, variables, now)],
        problems=_said(explained.problems, compiled.text),
    )


def _try_decision(tried: TriedDecision, now: datetime) -> Answer:
    decisions = read_decisions(tried.xml[:MAX_XML].encode())
    needs = deepest(decisions.required_paths(tried.decision))
    decided = decisions.evaluate(tried.decision, typed_variables(tried.fields, now), now)
    return Answer(
        needs=needs,
        value=_shown(decided.value),
        trace=[_matched(match) for match in decided.matches],
        problems=_said(decided.problems, ""),
    )


def _matched(match: Match) -> SaidStep:
    words = {"table": match.table_name, "rule": match.rule_index + 1, "why": match.annotation}
    told = translate("{table}, rule {rule}").format_map(words)
    return SaidStep(f"{told} ({match.annotation})" if match.annotation else told, _shown(match.outputs))


def _said(problems: Iterable[Problem], text: str) -> list[SaidProblem]:
    found: dict[SaidProblem, None] = {}
    for problem in problems:
        line, column = place_in(text, problem.position) if text else (None, None)
        found[SaidProblem(problem.sentence.says(translate), line, column)] = None
    return list(found)[:20]


def _shown(value: Any) -> str:
    """The value as JSON with room between its parts, so that it can be broken into lines; its beginning, if long."""
    try:
        text = msgspec.json.format(msgspec.json.encode(to_json(value)), indent=0).decode()
        return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    except ToldError as refused:
        return refused.sentence.says(translate)


HANDLERS = [expression, decision]
