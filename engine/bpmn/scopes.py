"""Variables live in scopes. Reading looks outwards; writing updates the nearest scope that has the variable, else the
root.

One scope per process instance, sub-process, multi-instance body and iteration, and per activity with an input
mapping. Values are never changed in place: a write replaces the value, so a stored state may share them. A root may
also offer functions, which can be called but are no variables: nothing lists, stores or writes them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Raw

from engine.bpmn.sizes import bytes_of
from engine.snapshot import ScopeRecord, value_of

_NONE: Mapping[str, Any] = {}


class Scope(Mapping[str, Any]):
    """The variables of one scope; as a mapping it shows everything visible from here."""

    __slots__ = ("_read", "_size", "_values", "id", "offers", "outer", "stored")

    def __init__(
        self,
        number: int,
        outer: "Scope | None",
        values: dict[str, Any] | None = None,
        stored: ScopeRecord | None = None,
    ) -> None:
        self.id, self.outer, self.stored = number, outer, stored
        # What a root offers, made when an expression first asks for something that is no variable.
        self.offers: Callable[[], Mapping[str, Any]] | None = None
        # The variables, those that nobody has read yet as they are stored; None: not even their names are known yet.
        self._values = {} if values is None and stored is None else values
        # Those that were read and not written, by name.
        self._read: dict[str, Any] | None = None
        self._size: int | None = None

    @property
    def values_here(self) -> dict[str, Any]:
        """The variables of this scope alone. Only `put` writes."""
        values = self._named()
        if any([value.__class__ is Raw for value in values.values()]):  # noqa: C419 (a generator costs more)
            return {name: self.read_here(name) for name in values}
        return values

    def has_here(self, name: str) -> bool:
        """Whether this scope itself has the variable."""
        return name in (self._named() if self._values is None else self._values)

    def read_here(self, name: str) -> Any:
        """A variable that this scope itself has. What is only read is stored again as it was."""
        value = self._named()[name]
        if value.__class__ is not Raw:
            return value
        if self._read is None:
            self._read = {}
        if name not in self._read:
            self._read[name] = value_of(value)
        return self._read[name]

    @property
    def size(self) -> int:
        """About how many bytes the variables of this scope alone take where they are stored."""
        if self._size is None:
            self._size = bytes_of(self._named()) if self.stored is None else len(self.stored.encoded)
        return self._size

    def growth(self, values: Mapping[str, Any]) -> int:
        """How many bytes more the scope takes once these variables of it are written. Reads none of the others."""
        here = self._named()
        if here.keys().isdisjoint(values):
            return bytes_of(values)
        return bytes_of(values) - bytes_of({name: here[name] for name in values if name in here})

    def put(self, values: Mapping[str, Any], growth: int | None = None) -> None:
        """Write variables of this scope; `growth` is what `growth` says of them, where it was asked."""
        self._size = None if growth is None else self.size + growth
        self._named().update(values)
        self.stored = None

    def record(self, outer: int | None) -> ScopeRecord:
        """The scope as it is stored: with the bytes it was loaded with while nobody has written it."""
        return self.stored or ScopeRecord.of(self.id, outer, self._named())

    def _named(self) -> dict[str, Any]:
        if self._values is None:
            assert self.stored is not None
            self._values = self.stored.each_encoded()
        return self._values

    @property
    def functions(self) -> Mapping[str, Any]:
        """What the root offers besides its variables."""
        return _NONE if self.offers is None else self.offers()

    def __getitem__(self, name: str) -> Any:
        scope = self
        while not scope.has_here(name):
            if scope.outer is None:
                return scope.functions[name]
            scope = scope.outer
        return scope.read_here(name)

    def get(self, name: str, default: Any = None) -> Any:
        scope = self
        while not scope.has_here(name):
            if scope.outer is None:
                return scope.functions.get(name, default)
            scope = scope.outer
        return scope.read_here(name)

    def __contains__(self, name: object) -> bool:
        scope = self
        while not scope.has_here(name):  # type: ignore[arg-type]
            if scope.outer is None:
                return name in scope.functions
            scope = scope.outer
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.visible())

    def __len__(self) -> int:
        return len(self.visible())

    def __bool__(self) -> bool:
        """A scope is a scope, with variables or without."""
        return True

    def visible(self) -> dict[str, Any]:
        """Every variable that can be read from here, nearest first."""
        if self.outer is None:
            return dict(self.values_here)
        return {**self.outer.visible(), **self.values_here}

    def root(self) -> "Scope":
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    def holder(self, name: str) -> "Scope | None":
        """The nearest scope that has the variable."""
        scope: Scope | None = self
        while scope is not None and not scope.has_here(name):
            scope = scope.outer
        return scope

    @property
    def label(self) -> str:
        """How the history names this scope."""
        # A called process has a root of its own, which is not the instance's.
        return "root" if self.id == 0 else f"scope-{self.id}"


def assigned(current: Any, path: tuple[str, ...], value: Any) -> Any:
    """`current` with `value` at `path`; contexts on the way are copied or made (a mapping's target may be `a.b`)."""
    if not path:
        return value
    inner = current if isinstance(current, dict) else {}
    return {**inner, path[0]: assigned(inner.get(path[0]), path[1:], value)}
