"""Refusals: errors of the desk, the engine and the forms as a machine client is told them."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import AlreadyExists, ApiProblem, Conflict, NothingHere, Unprocessable
from desk.errors import (
    DeskError,
    DraftAlreadyFiled,
    DraftInfected,
    DraftOutdated,
    DraftTooLarge,
    NotFound,
    SlotNotOffered,
    SlotTaken,
    TooManyAttachments,
    UploadRefused,
)
from engine.errors import CaseUnknown, EngineError, FormUnknown, ProcedureUnknown

_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[ApiProblem]], ...] = (
    ((NotFound, CaseUnknown, FormUnknown, ProcedureUnknown), NothingHere),
    (DraftAlreadyFiled, AlreadyExists),
    ((DraftOutdated, SlotTaken), Conflict),
    ((DraftInfected, DraftTooLarge, SlotNotOffered, TooManyAttachments, UploadRefused), Unprocessable),
)


@contextmanager
def told() -> Iterator[None]:
    """Inside, refusals of the floors below become problems of the API."""
    try:
        yield
    except (DeskError, EngineError) as refused:
        for known, problem in _KINDS:
            if isinstance(refused, known):
                raise problem(str(refused)) from refused
        raise
