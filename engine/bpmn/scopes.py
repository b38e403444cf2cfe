"""Variables live in scopes. Reading looks outwards; writing updates the nearest scope that has the variable, else the
root.

One scope per process instance, sub-process, multi-instance body and iteration, and per activity with an input
mapping. Values are never changed in place: a write replaces the value, so a stored state may share them. A root may
also offer functions, which can be called but are no variables: nothing lists, stores or writes them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.snapshot import ScopeRecord

_NONE: Mapping[str, Any] = {}


class Scope(Mapping[str, Any]):
    """The variables of one scope; as a mapping it shows everything visible from here."""

    __slots__ = ("_values", "functions", "id", "outer", "stored")

    def __init__(
        self,
        number: int,
        outer: "Scope | None",
        values: dict[str, Any] | None = None,
        stored: ScopeRecord | None = None,
    ) -> None:
        self.id, self.outer, self.stored = number, outer, stored
        self.functions: Mapping[str, Any] = _NONE
        self._values = {} if values is None and stored is None else values

    @property
    def values_here(self) -> dict[str, Any]:
        """The variables of this scope alone, read from their stored form when first asked for. Only `put` writes."""
        if self._values is None:
            assert self.stored is not None
            self._values = self.stored.values
        return self._values

    def put(self, values: Mapping[str, Any]) -> None:
        """Write variables of this scope."""
        self.values_here.update(values)
        self.stored = None

    def __getitem__(self, name: str) -> Any:
        scope = self
        while name not in scope.values_here:
            if scope.outer is None:
                return scope.functions[name]
            scope = scope.outer
        return scope.values_here[name]

    def get(self, name: str, default: Any = None) -> Any:
        scope = self
        while name not in scope.values_here:
            if scope.outer is None:
                return scope.functions.get(name, default)
            scope = scope.outer
        return scope.values_here[name]

    def __contains__(self, name: object) -> bool:
        scope = self
        while name not in scope.values_here:
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
        while scope is not None and name not in scope.values_here:
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
