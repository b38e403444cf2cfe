"""Conformance of values to types, and the conversions that FEEL does by itself (DMN 1.5, 10.3.2.9.4)."""

from datetime import UTC, date
from typing import Any

from engine.feel.far import FarDate, combined
from engine.feel.temporal import MIDNIGHT
from engine.feel.types import ContextOf, FunctionOf, ListOf, RangeOf, Restricted, Simple, Type
from engine.feel.values import Function, Range, is_context, is_list, kind_of


def is_instance(value: Any, wanted: Type) -> bool:
    """Whether a value is of a type, which is `unrestricted`; null is of no type but Null."""
    if value is None:
        return isinstance(wanted, Simple) and wanted.name == "Null"
    return conforms(value, wanted)


def unrestricted(wanted: Type) -> Type:
    """The type without its allowed values, at which `instance of` does not look."""
    match wanted:
        case Restricted():
            return unrestricted(wanted.base)
        case ListOf():
            return ListOf(unrestricted(wanted.item))
        case RangeOf():
            return RangeOf(unrestricted(wanted.item))
        case ContextOf():
            return ContextOf(tuple((name, unrestricted(entry)) for name, entry in wanted.entries))
        case _:
            return wanted


def conforms(value: Any, wanted: Type) -> bool:
    """Whether a value may stand where this type is wanted; null may stand anywhere."""
    if value is None:
        return True
    match wanted:
        case Simple():
            return kind_of(value) == wanted.name
        case ListOf():
            return is_list(value) and all(conforms(item, wanted.item) for item in value)
        case RangeOf():
            return isinstance(value, Range) and conforms(value.start, wanted.item) and conforms(value.end, wanted.item)
        case ContextOf():
            return is_context(value) and all(
                name in value and conforms(value[name], entry) for name, entry in wanted.entries
            )
        case FunctionOf():
            return isinstance(value, Function) and _is_function(value, wanted)
        case Restricted():
            return conforms(value, wanted.base) and wanted.allows(value)
        case _:
            return True


def _is_function(value: Function, wanted: FunctionOf) -> bool:
    if len(value.types) != len(wanted.parameters):
        return False
    # Parameters may accept more than is wanted, the result must not be more than is wanted.
    accepts = all(is_subtype(given, own) for own, given in zip(value.types, wanted.parameters, strict=True))
    # What a function without a declared result answers is only known when it is called.
    return accepts and (type(value.result) is Type or is_subtype(value.result, wanted.result))


def is_subtype(narrow: Type, wide: Type) -> bool:
    """Whether every value of `narrow` is a value of `wide` (DMN 1.5, table 51)."""
    if type(wide) is Type or narrow == wide or (isinstance(narrow, Simple) and narrow.name == "Null"):
        return True
    match narrow, wide:
        case (ListOf(), ListOf()) | (RangeOf(), RangeOf()):
            return is_subtype(narrow.item, wide.item)
        case ContextOf(), ContextOf():
            own = dict(narrow.entries)
            return all(name in own and is_subtype(own[name], entry) for name, entry in wide.entries)
        case FunctionOf(), FunctionOf():
            return (
                len(narrow.parameters) == len(wide.parameters)
                and all(is_subtype(b, a) for a, b in zip(narrow.parameters, wide.parameters, strict=True))
                and is_subtype(narrow.result, wide.result)
            )
        case Restricted(), _:
            return is_subtype(narrow.base, wide)
        case _:
            return False


def coerced(value: Any, wanted: Type) -> tuple[bool, Any]:
    """The value as the wanted type: as it is, out of or into a list of one item, or a date as its midnight.

    The first part of the answer is False when no conversion makes it fit; the value is then null.
    """
    if conforms(value, wanted):
        return True, value
    if is_list(value) and len(value) == 1 and conforms(value[0], wanted):
        return True, value[0]
    if isinstance(wanted, ListOf) and conforms(value, wanted.item):
        return True, [value]
    if isinstance(wanted, Simple):
        if wanted.name == "list":
            return True, [value]
        if wanted.name == "date and time" and isinstance(value, date | FarDate):
            return True, combined(value, MIDNIGHT.replace(tzinfo=UTC))
    return False, None
