"""Catalogue: what the deploy gate must be told of the town, since the engine knows no connector and no department."""

from collections.abc import Sequence
from typing import Protocol


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


class Catalogue(Protocol):
    """Connectors and departments. `departments` is None where they are not known: then they are not checked."""

    @property
    def departments(self) -> frozenset[str] | None: ...

    def of_type(self, job_type: str) -> KnownTemplate | None:
        """The template of a job type; None when only a remote worker can take it."""
        ...
