"""Deployments: immutable versions of procedures. The same content is the same version; one version of a procedure is
in service.

Publishing takes the version in service out of it: running cases stay on theirs. Whether a bundle may be published is
`engine.lint`'s to say, before.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.actor import Actor
from engine.bundle import Bundle, read_zip, write_zip
from engine.definition import Definition, build
from engine.encoding import json_text
from engine.errors import DeploymentUnknown, ProcedureUnknown
from engine.ids import new_id
from engine.manifest import Manifest, manifest_document, read_manifest
from engine.starts import close_starts, open_starts
from engine.store.statements import row, rows, run, transaction, value

COLUMNS = "id, slug, version, hash, state, manifest::text, published_at, published_by_name, retired_at"
KEPT_DEFINITIONS = 64

_definitions: OrderedDict[str, Definition] = OrderedDict()


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a procedure, without its files: see `bundle_of`."""

    id: UUID
    slug: str
    version: int
    hash: str
    state: str
    manifest: Manifest
    published_at: datetime
    published_by_name: str
    retired_at: datetime | None


async def publish(bundle: Bundle, by: Actor, now: datetime) -> Deployment:
    """Put this bundle in service, as a new version unless the same content was published before."""
    definition = build(bundle)
    async with transaction():
        await _one_publisher(bundle.slug)
        known = await row(f"SELECT {COLUMNS} FROM engine_deployment WHERE hash = $1", bundle.hash)
        deployment = _read(known) if known else await _add(bundle, by, now)
        _keep(definition)
        return await _put_in_service(deployment, now)


async def activate(deployment_id: UUID, by: Actor, now: datetime) -> Deployment:
    """Put an earlier version in service again. Raises `DeploymentUnknown`."""
    async with transaction():
        deployment = await get(deployment_id)
        await _one_publisher(deployment.slug)
        return await _put_in_service(deployment, now)


async def retire(slug: str, by: Actor, now: datetime) -> None:
    """Take the procedure out of service: nothing new starts, running cases go on."""
    async with transaction():
        await _one_publisher(slug)
        await _take_out_of_service(slug, now)


async def get(deployment_id: UUID) -> Deployment:
    """The version of this id. Raises `DeploymentUnknown`."""
    found = await row(f"SELECT {COLUMNS} FROM engine_deployment WHERE id = $1", deployment_id)
    if found is None:
        raise DeploymentUnknown(deployment_id=deployment_id)
    return _read(found)


async def of_hash(content_hash: str) -> Deployment | None:
    """The version of this content; None when it was never published."""
    found = await row(f"SELECT {COLUMNS} FROM engine_deployment WHERE hash = $1", content_hash)
    return None if found is None else _read(found)


async def active(slug: str) -> Deployment:
    """The version in service. Raises `ProcedureUnknown`."""
    found = await row(f"SELECT {COLUMNS} FROM engine_deployment WHERE slug = $1 AND state = 'active'", slug)
    if found is None:
        raise ProcedureUnknown(slug=slug)
    return _read(found)


async def active_all() -> list[Deployment]:
    """Every version in service, by slug."""
    found = await rows(f"SELECT {COLUMNS} FROM engine_deployment WHERE state = 'active' ORDER BY slug")
    return [_read(record) for record in found]


async def versions(slug: str) -> list[Deployment]:
    """All versions of a procedure, newest first."""
    found = await rows(f"SELECT {COLUMNS} FROM engine_deployment WHERE slug = $1 ORDER BY version DESC", slug)
    return [_read(record) for record in found]


async def bundle_of(content_hash: str) -> Bundle:
    """The files of a deployed version. Raises `DeploymentUnknown`."""
    archive = await value("SELECT archive FROM engine_deployment WHERE hash = $1", content_hash)
    if archive is None:
        raise DeploymentUnknown(hash=content_hash)
    return read_zip(archive)


async def definition_of(content_hash: str) -> Definition:
    """The definition of a deployed version, kept in memory. Raises `DeploymentUnknown`."""
    if content_hash in _definitions:
        _definitions.move_to_end(content_hash)
        return _definitions[content_hash]
    definition = build(await bundle_of(content_hash))
    _keep(definition)
    return definition


async def active_definition(slug: str) -> Definition:
    """The definition in service of a procedure. Raises `ProcedureUnknown`."""
    content_hash = await value("SELECT hash FROM engine_deployment WHERE slug = $1 AND state = 'active'", slug)
    if content_hash is None:
        raise ProcedureUnknown(slug=slug)
    return await definition_of(content_hash)


async def definition_running(process: str) -> Definition | None:
    """The definition in service whose main process, or slug, is this one: what a call activity calls."""
    content_hash = await value(
        "SELECT hash FROM engine_deployment WHERE state = 'active' AND (manifest->>'process' = $1 OR slug = $1)"
        " ORDER BY slug LIMIT 1",
        process,
    )
    return None if content_hash is None else await definition_of(content_hash)


async def definition_tagged(process: str, tag: str) -> Definition | None:
    """The newest version, in service or not, whose main process is this one and carries the version tag."""
    found = await rows(
        "SELECT hash FROM engine_deployment WHERE state <> 'draft' AND (manifest->>'process' = $1 OR slug = $1)"
        " ORDER BY published_at DESC, version DESC",
        process,
    )
    for record in found:
        definition = await definition_of(record["hash"])
        if definition.version_tags.get(definition.main_process) == tag:
            return definition
    return None


async def _add(bundle: Bundle, by: Actor, now: datetime) -> Deployment:
    number = await value("SELECT coalesce(max(version), 0) + 1 FROM engine_deployment WHERE slug = $1", bundle.slug)
    added = await row(
        f"""INSERT INTO engine_deployment (id, slug, version, hash, state, manifest, archive, published_at,
            published_by, published_by_name)
            VALUES ($1, $2, $3, $4, 'draft', $5::text::jsonb, $6, $7, $8, $9) RETURNING {COLUMNS}""",
        new_id(now),
        bundle.slug,
        number,
        bundle.hash,
        json_text(manifest_document(bundle.manifest)),
        write_zip(bundle),
        now,
        by.id,
        by.name,
    )
    return _read(added)


async def _put_in_service(deployment: Deployment, now: datetime) -> Deployment:
    if deployment.state != "active":
        await _take_out_of_service(deployment.slug, now)
        await run(
            "UPDATE engine_deployment SET state = 'active', retired_at = NULL WHERE id = $1",
            deployment.id,
        )
        await open_starts(await definition_of(deployment.hash), now)
    return await get(deployment.id)


async def _take_out_of_service(slug: str, now: datetime) -> None:
    content_hash = await value(
        "UPDATE engine_deployment SET state = 'retired', retired_at = $2 WHERE slug = $1 AND state = 'active'"
        " RETURNING hash",
        slug,
        now,
    )
    if content_hash is not None:
        await close_starts(content_hash)


async def _one_publisher(slug: str) -> None:
    """Two publications of one procedure wait for each other, so that versions number without a gap."""
    await run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"engine_deployment:{slug}")


def _keep(definition: Definition) -> None:
    _definitions[definition.hash] = definition
    if len(_definitions) > KEPT_DEFINITIONS:
        _definitions.popitem(last=False)


def _read(record: Any) -> Deployment:
    columns = dict(record)
    columns["manifest"] = read_manifest(columns["manifest"].encode())
    return Deployment(**columns)
