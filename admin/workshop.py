"""Workshop: the draft of a procedure while administrators change its diagram, rules, forms and letters.

A draft begins from the version in service and never reaches citizens before `publish`. Saving names the revision that
was opened, so
that two administrators never overwrite each other in silence.
"""

from datetime import datetime

import msgspec

from admin.errors import DraftChanged, FileUnknown
from admin.store import row, rows, run, transaction
from engine import deployments
from engine.actor import Actor
from engine.bundle import Bundle, bundle_of, read_zip, write_zip
from engine.deployments import Deployment


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure being changed; `rev` 0 when it is still the version in service, untouched."""

    bundle: Bundle
    base_hash: str | None
    rev: int
    saved_at: datetime | None = None
    saved_by_name: str = ""


async def open_draft(slug: str) -> Draft:
    """The draft of this procedure, else its version in service. Raises `ProcedureUnknown`."""
    found = await row("SELECT * FROM admin_workshop WHERE slug = $1", slug)
    if found is None:
        deployment = await deployments.active(slug)
        return Draft(bundle=await deployments.bundle_of(deployment.hash), base_hash=deployment.hash, rev=0)
    return Draft(
        bundle=read_zip(found["archive"]),
        base_hash=found["base_hash"],
        rev=found["rev"],
        saved_at=found["saved_at"],
        saved_by_name=found["saved_by_name"],
    )


async def save_file(slug: str, name: str, content: bytes, *, rev: int, by: Actor, now: datetime) -> Draft:
    """Replace one file of the draft. Raises `FileUnknown`, `BundleRefused`, `DraftChanged` (the draft is no longer at
    `rev`).
    """
    draft = await open_draft(slug)
    if name not in draft.bundle.files:
        raise FileUnknown
    bundle = bundle_of({**draft.bundle.files, name: content})
    await _store(slug, bundle, draft.base_hash, rev, by, now)
    return await open_draft(slug)


async def keep(bundle: Bundle, *, by: Actor, now: datetime) -> Draft:
    """Put an uploaded bundle on the bench as the draft, whatever was there before: the version in service is not
    touched.
    """
    async with transaction():
        await discard(bundle.slug)
        base = await row("SELECT hash FROM engine_deployment WHERE slug = $1 AND state = 'active'", bundle.slug)
        await _store(bundle.slug, bundle, base["hash"] if base else None, 0, by, now)
    return await open_draft(bundle.slug)


async def publish(slug: str, *, rev: int, by: Actor, now: datetime) -> Deployment:
    """Put the draft in service and clear the bench. Whether it may is the deploy gate's to say, before. Raises
    `DraftChanged`.
    """
    async with transaction():
        draft = await open_draft(slug)
        if draft.rev != rev:
            raise DraftChanged(draft.saved_by_name)
        deployment = await deployments.publish(draft.bundle, by, now)
        await discard(slug)
    return deployment


async def discard(slug: str) -> None:
    """Forget the draft."""
    await run("DELETE FROM admin_workshop WHERE slug = $1", slug)


async def _store(slug: str, bundle: Bundle, base_hash: str | None, rev: int, by: Actor, now: datetime) -> None:
    """Write revision `rev + 1` on top of `rev`; a new row only from 0."""
    stored = await row(
        """INSERT INTO admin_workshop (slug, base_hash, archive, rev, saved_at, saved_by_name) VALUES ($1, $2, $3, 1,
        $4,
        $5)
           ON CONFLICT (slug) DO UPDATE
           SET archive = $3, rev = admin_workshop.rev + 1, saved_at = $4, saved_by_name = $5
           WHERE admin_workshop.rev = $6 RETURNING rev""",
        slug,
        base_hash,
        write_zip(bundle),
        now,
        by.name,
        rev,
    )
    if stored is None:
        current = await open_draft(slug)
        raise DraftChanged(current.saved_by_name)


async def slugs() -> frozenset[str]:
    """The procedures that have a draft on the bench."""
    return frozenset(record["slug"] for record in await rows("SELECT slug FROM admin_workshop"))
