"""Redaction: takes secrets and personal data out of what connectors say, before it is logged or written on a case.
Pure but for the secrets that the running job has opened, remembered in its own task."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from engine.connector import Job

HIDDEN = "…"
SHORTEST = 3
LONGEST = 600
# What looks like a way to reach or to identify somebody, whoever wrote it.
PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail address
    r"|\+?\d(?:[ .-]?\d){8,}"  # telephone, IBAN's figures, social security number
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}"  # IBAN
    r"|(?<=://)[^/\s@]+:[^/\s@]+@"  # credentials in an address
)
_opened: ContextVar[set[str] | None] = ContextVar("connectors_opened_secrets", default=None)


@contextmanager
def watched() -> Iterator[set[str]]:
    """Collects the secrets opened inside the block, to hide them from what it says."""
    secrets: set[str] = set()
    token = _opened.set(secrets)
    try:
        yield secrets
    finally:
        _opened.reset(token)


def opened(values: Iterable[Any]) -> None:
    """These secrets are in use now."""
    known = _opened.get()
    if known is not None:
        known.update(str(each) for each in values if each not in (None, ""))


def redacted(said: str, job: Job | None = None, secrets: Iterable[str] = (), *, inputs: bool = False) -> str:
    """The sentence without secrets, without the applicant, without personal data; with `inputs`, also without any text
    that the job was given (for sentences that are not ours)."""
    hidden = {each for each in secrets if each}
    if job is not None:
        given = [job.case.get("applicant"), job.input if inputs else None]
        hidden |= {each for each in _texts(given) if len(each) >= SHORTEST}
    for each in sorted(hidden, key=len, reverse=True):
        # A short word of the answers inside a longer word is no trace of it.
        before, after = (r"(?<!\w)", r"(?!\w)") if each.isalnum() else ("", "")
        said = re.sub(f"{before}{re.escape(each)}{after}", HIDDEN, said)
    return PERSONAL.sub(HIDDEN, said)[:LONGEST]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)
        case _:
            return
