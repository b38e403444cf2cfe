"""Which values may live in a scope: JSON, FEEL's temporal values and exact decimals.

A decimal becomes the integer or the float that FEEL reads back as the same decimal, as all sums of money do, so that
most states are plain JSON; what no float stands for, as a third, stays a decimal with its 34 digits.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from engine.bpmn.errors import ElementFailed
from engine.feel import limits
from engine.feel.sentences import Sentence, kind_said, tell
from engine.feel.values import Months, kind_of, rounded

_AS_THEY_ARE = frozenset({str, bool, float, type(None), date, time, datetime, timedelta, Months})


_SIMPLE = frozenset({str, bool, float, type(None)})
# What the snapshot of an instance can hold as a whole number.
_LARGEST = 2**63


def storable(value: Any) -> Any:
    """The value as it may be kept. Raises `ElementFailed` for what cannot be (a function, a range, more values than
    FEEL lets out)."""
    return _kept(value, [limits.VALUES])


def _kept(value: Any, left: list[int]) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is int or kind is Decimal:
        return _exact(value)
    if kind is list or kind is tuple or isinstance(value, dict):
        # A value may hold the same one again and again: what is kept holds each of them.
        left[0] -= len(value)
        if left[0] < 0:
            raise ElementFailed("expression", tell("too_many_values", limits.VALUES))
        if not isinstance(value, dict):
            return [_kept(each, left) for each in value]
        if kind is dict and all(each.__class__ in _SIMPLE or _is_whole(each) for each in value.values()):
            return value
        return {str(name): _kept(each, left) for name, each in value.items()}
    raise ElementFailed(
        "expression", Sentence("A value of kind {0} cannot be kept in a variable.", (kind_said(kind_of(value)),))
    )


def _exact(value: int | Decimal) -> int | float | Decimal:
    if -_LARGEST < value < _LARGEST and value == int(value):
        return int(value)
    exact = rounded(value)
    if exact is None:
        raise ElementFailed("expression", "A number beyond those of decimal128 cannot be kept in a variable.")
    near = float(exact)
    return near if isfinite(near) and Decimal(repr(near)) == exact else Decimal(exact)


def _is_whole(value: Any) -> bool:
    return value.__class__ is int and -_LARGEST < value < _LARGEST
