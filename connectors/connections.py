"""Connections: the connectors' settings in this town, kept by administrators. Secrets go through the vault and never
come back to a screen. Never calls anybody: see `connectors.trials`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from connectors import admission
from connectors.admission import Gauge, Limits
from connectors.catalogue import Catalogue, ConnectionPart, Template
from connectors.errors import ConnectionMissing, ConnectionRefused
from connectors.store import row, rows, run, transaction
from connectors.vault import Sealed, Vault
from engine.connector import Checked, Connection
from engine.encoding import json_text, parse_json
from engine.lint.catalogue import Usable

SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\[[0-9a-f:]+\](:\d{1,5})?")
LONGEST = 4_000
COLUMNS = (
    "slug, kind, title, given::text AS given, hosts, concurrency, per_minute, active, tested_at, tested_well, "
    "tested_said, changed_at, changed_by_name"
)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as screens may show it: no secret. `given` are its open values."""

    slug: str
    kind: str
    title: str
    given: dict[str, Any]
    hosts: tuple[str, ...] = ()
    concurrency: int = 8
    per_minute: int = 600
    active: bool = True
    tested_at: datetime | None = None
    tested_well: bool | None = None
    tested_said: str = ""
    changed_at: datetime | None = None
    changed_by_name: str = ""

    @property
    def limits(self) -> Limits:
        """How much it bears."""
        return Limits(concurrency=self.concurrency, per_minute=self.per_minute)


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of a connection over a span."""

    done: int = 0
    refused: int = 0
    failed: int = 0
    postponed: int = 0
    milliseconds: int = 0

    @property
    def calls(self) -> int:
        """Every call that was made."""
        return self.done + self.refused + self.failed + self.postponed

    @property
    def average(self) -> int | None:
        """Milliseconds of a call; None without any."""
        return self.milliseconds // self.calls if self.calls else None


class Wrong(msgspec.Struct, frozen=True):
    """A field that cannot be kept and why: required, number, choice, pattern, retype, slug, host, limit, long."""

    field: str
    why: str


class NotKept(ConnectionRefused):
    """The connection could not be kept."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__()
        self.wrong = wrong


async def keep(
    card: Card, secrets: dict[str, Any], *, template: Template, vault: Vault, by_name: str, now: datetime
) -> None:
    """Create or change a connection. A secret left empty stays what it was, unless an address has changed: whoever
    may change the address could else send the secret elsewhere. Raises `NotKept`."""
    part = template.connection or ConnectionPart()
    async with transaction():
        known = await row(f"SELECT {COLUMNS}, secrets, key_id FROM connectors_connection WHERE slug = $1", card.slug)
        before = _secrets_of(known, vault) if known else {}
        moved = known is not None and _addresses(part, _card(known)) != _addresses(part, card)
        kept = {field.name: secrets.get(field.name) or before.get(field.name) for field in part.fields if field.secret}
        wrong = _wrong(card, kept, part)
        wrong += [Wrong(name, "retype") for name in before if moved and before[name] and not secrets.get(name)]
        if wrong:
            raise NotKept(tuple(wrong))
        sealed = vault.seal({name: said for name, said in kept.items() if said not in (None, "")}, card.slug)
        await run(
            "INSERT INTO connectors_connection (slug, kind, title, given, secrets, key_id, hosts, concurrency, "
            "per_minute, active, tested_said, changed_at, changed_by_name) "
            "VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, '', $11, $12) "
            "ON CONFLICT (slug) DO UPDATE SET title = excluded.title, given = excluded.given, "
            "secrets = excluded.secrets, key_id = excluded.key_id, hosts = excluded.hosts, "
            "concurrency = excluded.concurrency, per_minute = excluded.per_minute, active = excluded.active, "
            "tested_at = NULL, tested_well = NULL, tested_said = '', changed_at = excluded.changed_at, "
            "changed_by_name = excluded.changed_by_name",
            *(card.slug, card.kind, card.title, json_text(card.given), sealed.content, sealed.key_id),
            *(list(card.hosts), card.concurrency, card.per_minute, card.active, now, by_name),
        )
        await admission.forgive(card.slug)


async def remove(slug: str) -> None:
    """Forget a connection and its secrets; its figures stay."""
    await run("DELETE FROM connectors_connection WHERE slug = $1", slug)


async def all_cards() -> list[Card]:
    """Every connection, by title."""
    found = await rows(f"SELECT {COLUMNS} FROM connectors_connection ORDER BY parvis_fold(title), slug LIMIT 500")
    return [_card(each) for each in found]


async def card(slug: str) -> Card:
    """One connection. Raises `ConnectionMissing`."""
    found = await row(f"SELECT {COLUMNS} FROM connectors_connection WHERE slug = $1", slug)
    if found is None:
        raise ConnectionMissing()
    return _card(found)


async def opened(slug: str, vault: Vault) -> tuple[Card, Connection, tuple[str, ...]]:
    """A connection in service, with its secrets: their texts are last. Raises `ConnectionMissing`, `VaultLocked`."""
    found = await row(f"SELECT {COLUMNS}, secrets, key_id FROM connectors_connection WHERE slug = $1 AND active", slug)
    if found is None:
        raise ConnectionMissing()
    shown, secrets = _card(found), _secrets_of(found, vault)
    return (
        shown,
        Connection(slug=slug, values={**shown.given, **secrets}),
        tuple(str(each) for each in secrets.values()),
    )


async def default_of(kind: str, wanted: str) -> str | None:
    """The slug a step uses when it names none: `wanted` if there is one of this name, else the only one of its kind."""
    found = await rows("SELECT slug FROM connectors_connection WHERE kind = $1 AND active LIMIT 2", kind)
    names = [each["slug"] for each in found]
    if await row("SELECT slug FROM connectors_connection WHERE slug = $1 AND kind = $2 AND active", wanted, kind):
        return wanted
    return names[0] if len(names) == 1 else None


async def usable(catalogue: Catalogue, provided: Mapping[str, str]) -> dict[str, Usable]:
    """What the steps of each job type that needs a connection may use. `provided`: slug → kind of those that the
    settings stand in for, while administrators have set up none of that name."""
    found = await rows("SELECT slug, kind FROM connectors_connection WHERE active ORDER BY slug LIMIT 500")
    known: dict[str, list[str]] = {}
    for each in found:
        known.setdefault(each["kind"], []).append(each["slug"])
    return {
        template.job_type: _usable(template.kind, template.connection, known.get(template.kind, []), provided)
        for template in catalogue.templates.values()
        if template.connection is not None
    }


async def limits_of(slug: str) -> Limits | None:
    """How much a connection bears; None when it is not there."""
    found = await row("SELECT concurrency, per_minute FROM connectors_connection WHERE slug = $1", slug)
    return msgspec.convert(dict(found), Limits) if found else None


async def rotate(vault: Vault) -> int:
    """Seal with the newest key whatever an older one still opens. Returns how many. Raises `VaultLocked`."""
    found = await rows("SELECT slug FROM connectors_connection WHERE key_id <> $1 ORDER BY slug", vault.newest)
    for each in found:
        async with transaction():
            held = await row(
                "SELECT slug, secrets, key_id FROM connectors_connection WHERE slug = $1 FOR UPDATE", each["slug"]
            )
            if held is not None:
                sealed = vault.seal(_secrets_of(held, vault), held["slug"])
                await run(
                    "UPDATE connectors_connection SET secrets = $2, key_id = $3 WHERE slug = $1",
                    *(held["slug"], sealed.content, sealed.key_id),
                )
    return len(found)


async def record_test(slug: str, checked: Checked, now: datetime) -> None:
    """Remember what a test found; one that went well lets waiting jobs try at once."""
    await run(
        "UPDATE connectors_connection SET tested_at = $2, tested_well = $3, tested_said = $4 WHERE slug = $1",
        *(slug, now, checked.well, checked.said[:500]),
    )
    if checked.well:
        await admission.forgive(slug)


async def usage_of(slug: str, since: datetime) -> Usage:
    """What went through a connection since then."""
    found = await row(
        "SELECT coalesce(sum(done), 0)::int AS done, coalesce(sum(refused), 0)::int AS refused, "
        "coalesce(sum(failed), 0)::int AS failed, coalesce(sum(postponed), 0)::int AS postponed, "
        "coalesce(sum(milliseconds), 0)::bigint AS milliseconds FROM connectors_usage "
        "WHERE connection = $1 AND hour >= $2",
        *(slug, since),
    )
    return msgspec.convert(dict(found), Usage) if found else Usage()


async def gauges() -> dict[str, Gauge]:
    """How every connection fares that was ever called."""
    found = await rows("SELECT * FROM connectors_gauge LIMIT 1000")
    return {each["connection"]: msgspec.convert(dict(each), Gauge) for each in found}


def template_of(kind: str, catalogue: Catalogue) -> Template | None:
    """The template whose fields a connection of this kind has."""
    return catalogue.kinds.get(kind)


def hosts_of(part: ConnectionPart, shown: Card) -> tuple[str, ...]:
    """The hosts this connection may call: those of its addresses, and those added by hand."""
    return tuple(dict.fromkeys([*_addresses(part, shown), *shown.hosts]))


def _addresses(part: ConnectionPart, shown: Card) -> list[str]:
    found = [urlsplit(str(shown.given.get(name) or "")) for name in part.host_fields]
    return [each.netloc.rpartition("@")[2].lower() for each in found if each.netloc]


def _usable(kind: str, part: ConnectionPart, known: list[str], provided: Mapping[str, str]) -> Usable:
    names = sorted({*known, *(slug for slug, of in provided.items() if of == kind)})
    usual = known[0] if len(known) == 1 else ""
    return Usable(names=tuple(names), usual=part.default if part.default in names else usual)


def _wrong(shown: Card, secrets: dict[str, Any], part: ConnectionPart) -> list[Wrong]:
    values = {**shown.given, **secrets}
    found = [Wrong("slug", "slug")] if not SLUG.fullmatch(shown.slug) else []
    found += [Wrong("title", "required")] if not shown.title.strip() else []
    found += [Wrong("hosts", "host") for each in shown.hosts if not HOST.fullmatch(each)][:1]
    found += [Wrong("concurrency", "limit")] if not 1 <= shown.concurrency <= 64 else []
    found += [Wrong("per_minute", "limit")] if not 1 <= shown.per_minute <= 6_000 else []
    found += [Wrong(field.name, why) for field in part.fields if (why := field.refusal(values.get(field.name)))]
    found += [Wrong(name, "long") for name, said in values.items() if len(str(said or "")) > LONGEST]
    unknown = shown.given.keys() - {field.name for field in part.fields if not field.secret}
    found += [Wrong(name, "pattern") for name in sorted(unknown)]
    return found + [Wrong(name, "pattern") for name in part.host_fields if not _is_address(values.get(name))]


def _is_address(written: Any) -> bool:
    if not written:
        return True
    try:
        parts = urlsplit(str(written))
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def _secrets_of(record: Any, vault: Vault) -> dict[str, Any]:
    return vault.open(Sealed(content=record["secrets"], key_id=record["key_id"]), record["slug"])


def _card(record: Any) -> Card:
    known = {name: record[name] for name in Card.__struct_fields__ if name not in ("given", "hosts")}
    return Card(**known, given=parse_json(record["given"]), hosts=tuple(record["hosts"]))
