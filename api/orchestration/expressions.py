"""Expressions: FEEL evaluated on request, with what went wrong on the way."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post

from api.errors import InvalidArgument
from api.guards import scoped
from api.house import now_of
from api.shapes import TENANT, Shape
from engine.deadlines import town_time
from engine.feel import FeelError, compile_expression
from engine.feel.json import to_json


class Asked(Shape, frozen=True, kw_only=True):
    """An expression, with or without its `=`, and the variables it reads."""

    expression: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    variables: dict[str, Any] | None = None
    tenant_id: str = TENANT


class Warned(Shape, frozen=True, kw_only=True):
    """Something that made a part of the expression null."""

    message: str


class Answered(Shape, frozen=True, kw_only=True):
    """What the expression says."""

    expression: str
    result: Any
    warnings: list[Warned]


@post("/v2/expression/evaluation", guards=[scoped("evaluate")], status_code=200, tags=["expressions"])
async def evaluate(request: Request[Any, Any, Any], data: Asked) -> Answered:
    """Evaluate a FEEL expression. What it cannot compute is null, with a warning."""
    try:
        given = data.variables or {}
        compiled = compile_expression(data.expression.removeprefix("="), tuple(given))
        said = compiled.explain(given, town_time(now_of(request)))
        result = to_json(said.value)
    except (FeelError, RecursionError, ArithmeticError) as refused:
        raise InvalidArgument(f"The expression cannot be evaluated: {refused}") from refused
    return Answered(
        expression=data.expression,
        result=result,
        warnings=[Warned(message=problem.message) for problem in said.problems],
    )


HANDLERS = [evaluate]
