"""Signatures: how built-in functions are declared and how arguments, in order or by name, find their parameters.

A signature is written `string: string, start position: number, length: number?`: a `?` makes a parameter optional,
`…: any*` takes
all the rest. A scalar stands for a list of one, a list of one for its item (DMN 1.5, 10.3.2.9.4).
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from engine.feel import limits
from engine.feel.types import Type
from engine.feel.values import Function, is_list, kind_of, number

Python = Callable[..., Any]
_OMITTED = object()
_BOUND = limits.INTEGER_BOUND
# Python values that fit a kind as they are, without a closer look.
_EXACT: dict[str, tuple[object, ...]] = {
    "string": (str,),
    "number": (Decimal,),
    "list": (list,),
    "context": (dict,),
    "boolean": (bool,),
    "date": (date,),
    "date and time": (datetime,),
    "time": (time,),
}


class Slot(msgspec.Struct, frozen=True):
    """One parameter of a signature. `kinds` is empty when any value will do."""

    name: str
    kinds: frozenset[str]
    optional: bool = False
    variadic: bool = False
    exact: frozenset[object] = frozenset()
    counts: bool = False


class Signature(msgspec.Struct, frozen=True):
    """One way of calling a built-in function, and the Python function that answers: `python(run, *arguments)`."""

    slots: tuple[Slot, ...]
    python: Python
    variadic: bool = False

    def arguments(self, values: list[Any], names: tuple[str, ...]) -> list[Any] | None:
        """The arguments for the Python function, or None when they do not fit."""
        if not names and len(values) == len(self.slots) and not self.variadic:
            # As most calls are: one argument for each parameter.
            return _fitting(self.slots, values)
        ordered = self._by_name(values, names) if names else self._in_order(values)
        return None if ordered is None else _fitting([slot for slot, _ in ordered], [value for _, value in ordered])

    def _in_order(self, values: list[Any]) -> list[tuple[Slot, Any]] | None:
        slots = self.slots
        if slots and slots[-1].variadic:
            slots = slots[:-1] + (slots[-1],) * max(1, len(values) - len(slots) + 1)
        required = sum(not slot.optional for slot in slots)
        return list(zip(slots, values, strict=False)) if required <= len(values) <= len(slots) else None

    def _by_name(self, values: list[Any], names: tuple[str, ...]) -> list[tuple[Slot, Any]] | None:
        given = dict(zip(names, values, strict=True))
        known = {slot.name for slot in self.slots}
        if len(given) != len(names) or not given.keys() <= known:
            return None
        if any(slot.name not in given and not slot.optional for slot in self.slots):
            return None
        return [(slot, given.get(slot.name, _OMITTED)) for slot in self.slots]


def _fitting(slots: Sequence[Slot], values: list[Any]) -> list[Any] | None:
    converted: list[Any] | None = None
    for place, slot in enumerate(slots):
        value = values[place]
        kind = value.__class__
        if kind in slot.exact or (kind is int and slot.counts and -_BOUND < value < _BOUND):
            continue
        fits, argument = _converted(slot, value)
        if not fits:
            return None
        if converted is None:
            converted = list(values)
        converted[place] = argument
    return values if converted is None else converted


def _converted(slot: Slot, value: Any) -> tuple[bool, Any]:
    if not slot.kinds:
        return True, value
    if value is None:
        return "Null" in slot.kinds, None
    if value is _OMITTED:
        return True, None
    if "number" in slot.kinds:
        exact = number(value)
        if exact is not None:
            return True, exact
    kind = kind_of(value)
    if kind in slot.kinds and kind != "number":
        return True, value
    if "list" in slot.kinds:
        return True, [value]
    if is_list(value) and len(value) == 1:
        return _converted(slot, value[0]) if not is_list(value[0]) else (False, None)
    return False, None


def charge(run: Any, arguments: list[Any]) -> None:
    """Takes the steps that looking at each item and each character once costs."""
    for argument in arguments:
        kind = argument.__class__
        if kind is str:
            if len(argument) > limits.CHARACTERS_PER_STEP:
                run.spend_text(len(argument))
        elif is_list(argument):
            run.spend_items(len(argument))
        elif kind is dict:
            run.spend(len(argument))


class Builtin(Function):
    """A function of the standard; `signatures` are tried in turn."""

    __slots__ = ("signatures",)

    def __init__(self, name: str) -> None:
        super().__init__(name, (), self._call)
        self.signatures: list[Signature] = []

    def _call(self, run: Any, arguments: list[Any]) -> Any:
        bound = self.bind(run, arguments, ())
        return bound() if bound else None

    def bind(self, run: Any, values: list[Any], names: tuple[str, ...]) -> Callable[[], Any] | None:
        """See `Function.bind`."""
        for signature in self.signatures:
            arguments = signature.arguments(values, names)
            if arguments is not None:
                charge(run, arguments)
                return lambda: signature.python(run, *arguments)
        return None

    def declare(self, signature: Signature) -> None:
        """Adds a way of calling the function."""
        self.signatures.append(signature)
        longest = max(self.signatures, key=lambda known: len(known.slots))
        self.parameters = tuple(slot.name for slot in longest.slots)
        self.types = tuple(Type() for _ in self.parameters)


BUILTINS: dict[str, Function] = {}


def builtin(name: str, *signatures: str) -> Callable[[Python], Python]:
    """Declares the Python function that answers a FEEL function with these signatures."""

    def declare(python: Python) -> Python:
        function = BUILTINS.setdefault(name, Builtin(name))
        assert isinstance(function, Builtin)
        for signature in signatures:
            slots = tuple(map(_slot, filter(None, signature.split(", "))))
            function.declare(Signature(slots, python, variadic=bool(slots) and slots[-1].variadic))
        return python

    return declare


def _slot(text: str) -> Slot:
    name, _, kinds = text.partition(": ")
    plain = kinds.rstrip("?*")
    accepted: frozenset[str] = frozenset() if plain == "any" else frozenset(plain.split("|"))
    exact = frozenset(kind for word in accepted for kind in _EXACT.get(word, ()))
    return Slot(
        name,
        accepted,
        optional=kinds.endswith("?"),
        variadic=kinds.endswith("*"),
        exact=exact,
        counts="number" in accepted,
    )
