"""Which values may live in a scope: JSON and FEEL's temporal values. What FEEL computes is brought into that form."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.bpmn.errors import ElementFailed
from engine.feel.values import Months

_AS_THEY_ARE = frozenset({str, int, bool, float, type(None), date, time, datetime, timedelta, Months})


_SIMPLE = frozenset({str, int, bool, float, type(None)})


def storable(value: Any) -> Any:
    """The value as it may be kept. Raises `ElementFailed` for what cannot be (a function, a range)."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is Decimal:
        return int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)
    if kind is dict:
        if all(each.__class__ in _SIMPLE for each in value.values()):
            return value
        return {str(name): storable(each) for name, each in value.items()}
    if kind is list or kind is tuple:
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {str(name): storable(each) for name, each in value.items()}
    raise ElementFailed("expression", f"A value of kind {kind.__name__} cannot be kept in a variable.")
