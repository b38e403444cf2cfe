"""Which values may live in a scope: JSON and FEEL's temporal values. What FEEL computes is brought into that form.

A decimal becomes the float that FEEL reads back as the same decimal: exact up to 15 significant digits, so that sums of
money stay exact however often they are stored; what has more digits, as a third has, is rounded there.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.bpmn.errors import ElementFailed
from engine.feel.values import Months

_AS_THEY_ARE = frozenset({str, bool, float, type(None), date, time, datetime, timedelta, Months})


_SIMPLE = frozenset({str, bool, float, type(None)})
# What the snapshot of an instance can hold as a whole number.
_LARGEST = 2**63


def storable(value: Any) -> Any:
    """The value as it may be kept. Raises `ElementFailed` for what cannot be (a function, a range)."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is int:
        return value if -_LARGEST < value < _LARGEST else float(value)
    if kind is Decimal:
        return int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)
    if kind is dict:
        if all(each.__class__ in _SIMPLE or _is_whole(each) for each in value.values()):
            return value
        return {str(name): storable(each) for name, each in value.items()}
    if kind is list or kind is tuple:
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {str(name): storable(each) for name, each in value.items()}
    raise ElementFailed("expression", f"A value of kind {kind.__name__} cannot be kept in a variable.")


def _is_whole(value: Any) -> bool:
    return value.__class__ is int and -_LARGEST < value < _LARGEST
