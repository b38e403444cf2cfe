"""Signatures: how built-in functions are declared and how arguments, in order or by name, find their parameters.

A signature is written `string: string, start position: number, length: number?`: a `?` makes a parameter optional,
`…: any*` takes
all the rest. A scalar stands for a list of one, a list of one for its item (DMN 1.5, 10.3.2.9.4).
"""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from engine.feel.types import Type
from engine.feel.values import Function, is_list, kind_of, number

Python = Callable[..., Any]
_OMITTED = object()
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


class Signature(msgspec.Struct, frozen=True):
    """One way of calling a built-in function, and the Python function that answers: `python(run, *arguments)`."""

    slots: tuple[Slot, ...]
    python: Python

    def arguments(self, values: list[Any], names: tuple[str, ...]) -> list[Any] | None:
        """The arguments for the Python function, or None when they do not fit."""
        ordered = self._by_name(values, names) if names else self._in_order(values)
        if ordered is None:
            return None
        converted: list[Any] = []
        for slot, value in ordered:
            if type(value) in slot.exact:
                converted.append(value)
                continue
            fits, argument = _converted(slot, value)
            if not fits:
                return None
            converted.append(argument)
        return converted

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
                for argument in arguments:
                    if is_list(argument):
                        run.spend_items(len(argument))
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
            function.declare(Signature(tuple(map(_slot, filter(None, signature.split(", ")))), python))
        return python

    return declare


def _slot(text: str) -> Slot:
    name, _, kinds = text.partition(": ")
    plain = kinds.rstrip("?*")
    accepted: frozenset[str] = frozenset() if plain == "any" else frozenset(plain.split("|"))
    exact = frozenset(kind for word in accepted for kind in _EXACT.get(word, ()))
    return Slot(name, accepted, optional=kinds.endswith("?"), variadic=kinds.endswith("*"), exact=exact)
