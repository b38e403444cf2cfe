"""Encoding: values of a case as JSON text for the rows, and as canonical JSON for the seal of a submission.

Temporal values of FEEL become their ISO 8601 text, exact decimals JSON numbers with all their digits. The exact
snapshot of an instance is another matter: `engine.snapshot`.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

_plain = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
_canonical = msgspec.json.Encoder(enc_hook=str, decimal_format="number", order="sorted")


def json_text(value: Any) -> str:
    """JSON for a `jsonb` column."""
    return _plain.encode(value).decode()


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces. What a seal is computed over."""
    return _canonical.encode(value).decode()


def array_text(items: Iterable[str | None]) -> str:
    """Texts as PostgreSQL writes a list of them, for a `text[]` value."""
    return "{" + ",".join([_quoted(item) for item in items]) + "}"


def _quoted(item: str | None) -> str:
    if item is None:
        return "NULL"
    if '"' in item or "\\" in item:
        item = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{item}"'


def parse_json(text: str | None) -> Any:
    """The value of a `jsonb` column read as text; None for a null column."""
    return None if text is None else msgspec.json.decode(text)


def seal_of(canonical: str) -> str:
    """SHA-256, in hexadecimal, of canonical JSON."""
    return hashlib.sha256(canonical.encode()).hexdigest()
