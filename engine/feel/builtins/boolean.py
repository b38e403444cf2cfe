"""Boolean functions (DMN 1.5, 10.3.4.2)."""

from typing import Any

from engine.feel.builtins.signature import builtin
from engine.feel.operators import equal
from engine.feel.problems import Run
from engine.feel.temporal import zone_text
from engine.feel.values import kind_of


@builtin("not", "negand: any")
def negation(_: Run, negand: Any) -> bool | None:
    """`not(negand)`: null for anything but true and false."""
    return not negand if type(negand) is bool else None


@builtin("is", "value1: any, value2: any", "value1: any", "value2: any")
def same(_: Run, first: Any, second: Any = None) -> bool:
    """`is(value1, value2)`: the same element of the value space, so the same zone too. An argument left out is null."""
    if kind_of(first) != kind_of(second):
        return False
    if kind_of(first) in ("time", "date and time") and zone_text(first.tzinfo) != zone_text(second.tzinfo):
        return False
    return equal(first, second) is True
