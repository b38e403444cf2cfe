"""Lookups: the pieces of SQL that several resources share, and searches that list new versions first when they must."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.clients import Client
from api import parts, searching
from api.errors import NothingHere
from api.filters import Field
from api.keys import key_of, maybe_key
from api.searching import Query, Resource, Rows
from api.shapes import TENANT

TENANT_FIELD = Field(f"'{TENANT}'::text")


LATEST = """(p.key = (SELECT max(q.key) FROM api_part q WHERE q.kind = p.kind AND q.part = p.part
    AND ($1::text[] IS NULL OR q.slug = ANY($1::text[]))))"""
"""Whether the part `p` is the last of its id that the client may see."""


def version_of(process: str = "i.process", content: str = "i.definition_hash") -> str:
    """Joins the version an instance runs in, and its process as clients know it."""
    return (
        f" LEFT JOIN engine_deployment d ON d.hash = {content}"
        f" LEFT JOIN api_part p ON p.definition_hash = {content} AND p.kind = 'process' AND p.part = {process}"
    )


def element_key(instance: str, token: str) -> str:
    """The key of the element a token is at: the id of its entry in the history."""
    return (
        f"(SELECT h.id FROM engine_history h WHERE h.instance_id = {instance} AND h.token = {token}"
        " AND h.happened = 'entered' ORDER BY h.id DESC LIMIT 1)"
    )


ROOT = """(SELECT r.id FROM engine_instance r WHERE r.case_id = i.case_id AND r.parent_id IS NULL
    ORDER BY r.id LIMIT 1)"""


TAGS = "coalesce(c.context->'tags', '[]'::jsonb)"
"""The tags of the case `c`."""


def variable_of(instance: str) -> str:
    """The value, as JSON, of a variable that an instance's root scope has: the one it was given last."""
    return (
        f"(SELECT v.details->'values'->{{name}} FROM engine_history v WHERE v.instance_id = {instance}"
        " AND v.happened = 'variables' AND v.details->>'scope' = 'root' AND v.details->'values' ? {name}"
        " ORDER BY v.id DESC LIMIT 1)"
    )


def case_of(column: str, words: Mapping[str, str], otherwise: str | None = None) -> str:
    """Our word in a column as the clients' word."""
    said = " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in words.items())
    last = f" ELSE '{otherwise}'" if otherwise else ""
    return f"CASE {column} {said}{last} END"


async def search(resource: Resource, query: Query, client: Client, *also: str) -> Rows:
    """A page; versions published since are listed first."""
    found = await searching.search(resource, query, client, *also)
    if any(_is_unlisted(record) for record in found.found):
        await parts.refresh()
        found = await searching.search(resource, query, client, *also)
    return found


async def get(resource: Resource, key: str, client: Client) -> Any:
    """The row of this key. Raises `NothingHere`."""
    found = await searching.one(resource, key, client)
    if found is not None and _is_unlisted(found):
        await parts.refresh()
        found = await searching.one(resource, key, client)
    if found is None:
        raise NothingHere
    return found


def definition_key(record: Any) -> str:
    """The key of the process's version; 0 for a version whose process is not listed."""
    return str(record["definition_key"] or 0)


def text_key(number: int | None) -> str:
    """The key of a numbered row; 0 where the history no longer has it."""
    return str(number or 0)


def root_key(record: Any) -> str:
    """The key of the case's first instance."""
    return key_of(record["root_id"])


def optional_key(id: UUID | None) -> str | None:
    """The key of what may be absent."""
    return maybe_key(id)


def _is_unlisted(record: Any) -> bool:
    return "definition_key" in dict(record) and record["definition_key"] is None
