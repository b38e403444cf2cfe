"""Catalogue: what the deploy gate must be told of the town, since the engine knows no connector and no department."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class KnownInput(Protocol):
    """One input, or header, of a connector."""

    @property
    def name(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def choices(self) -> Sequence[str]: ...
    @property
    def is_header(self) -> bool: ...


class KnownTemplate(Protocol):
    """The element template of one job type."""

    @property
    def inputs(self) -> Sequence[KnownInput]: ...


class Usable(msgspec.Struct, frozen=True, kw_only=True):
    """The town's connections that steps of one job type may use. `usual`: the one of a step that names none; empty
    when there is none."""

    names: tuple[str, ...]
    usual: str


class Catalogue(Protocol):
    """Connectors, connections and departments. `departments`, and `connections` (job type → what it may use), are None
    where they are not known: then they are not checked."""

    @property
    def departments(self) -> frozenset[str] | None: ...

    @property
    def connections(self) -> Mapping[str, Usable] | None: ...

    def of_type(self, job_type: str) -> KnownTemplate | None:
        """The template of a job type; None when only a remote worker can take it."""
        ...
