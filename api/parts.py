"""Parts: the processes, decisions and forms of every deployed version, each with its own key. Listed in a table once
per version, so that searches are one statement.
"""

from collections.abc import Iterator
from zlib import crc32

import msgspec

from api.keys import number_of
from api.store import row, rows
from engine import deployments
from engine.bpmn.parser.safe import read_xml
from engine.definition import Definition
from engine.deployments import Deployment
from engine.ids import COUNTER_BITS

RESOURCES = "api-resources"
"""The category of bundles that only hold decisions and forms: their process is ours and is not shown."""
COLUMNS = "key, deployment_id, definition_hash, slug, kind, part, title, resource, version, parent, detail"
UNLISTED = """SELECT d.id FROM engine_deployment d
    WHERE NOT EXISTS (SELECT FROM api_part p WHERE p.definition_hash = d.hash) ORDER BY d.id"""
ADD = f"""INSERT INTO api_part ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT DO NOTHING RETURNING key"""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part. `detail`: a process's start form, a decision's type. `parent`: a decision's set of decisions."""

    key: int
    deployment_id: object
    definition_hash: str
    slug: str
    kind: str
    part: str
    title: str
    resource: str
    version: int
    parent: int | None
    detail: str | None


class Found(msgspec.Struct, frozen=True):
    """A part as it is read from the files, before it has a key."""

    kind: str
    part: str
    title: str
    resource: str
    detail: str | None = None
    parent: str | None = None


async def refresh() -> None:
    """List the parts of versions that are not listed yet."""
    for record in await rows(UNLISTED):
        await of_deployment(await deployments.get(record["id"]))


async def of_deployment(deployment: Deployment) -> list[Part]:
    """The parts of one version, in the order of its files; listed now if they were not."""
    definition = await deployments.definition_of(deployment.hash)
    keys: dict[str, int] = {}
    listed: list[Part] = []
    for found in parts_in(definition):
        parent = keys.get(found.parent) if found.parent else None
        part = await _listed(deployment, found, parent)
        if found.kind == "requirements":
            keys[found.part] = part.key
        listed.append(part)
    return listed


async def get(kind: str, key: int) -> Part | None:
    """The part of this key."""
    await refresh()
    found = await row(f"SELECT {COLUMNS} FROM api_part WHERE kind = $1 AND key = $2", kind, key)
    return Part(**found) if found else None


async def latest(kind: str, part: str, slugs: list[str] | None, version: int | None = None) -> Part | None:
    """The part of this id published last, or the one of this version; `slugs`: only of these procedures."""
    await refresh()
    found = await row(
        f"""SELECT {COLUMNS} FROM api_part WHERE kind = $1 AND part = $2 AND ($3::integer IS NULL OR version = $3)
            AND ($4::text[] IS NULL OR slug = ANY($4)) ORDER BY key DESC LIMIT 1""",
        *(kind, part, version, slugs),
    )
    return Part(**found) if found else None


async def of_version(kind: str, part: str, definition_hash: str) -> Part | None:
    """The part of this id within one version."""
    await refresh()
    found = await row(
        f"SELECT {COLUMNS} FROM api_part WHERE definition_hash = $1 AND kind = $2 AND part = $3",
        *(definition_hash, kind, part),
    )
    return Part(**found) if found else None


def parts_in(definition: Definition) -> Iterator[Found]:
    """What the files of a version hold."""
    holds_resources = definition.manifest.category == RESOURCES
    for process in () if holds_resources else definition.processes:
        file = definition.process_files[process]
        title = _titles(definition.sources[file]).get(process) or process
        yield Found("process", process, title, file, _start_form(definition, process))
    for name, content in definition.decision_sources.items():
        root = read_xml(content)
        requirements, title = root.get("id") or name, root.get("name") or name
        yield Found("requirements", requirements, title, name)
        for decision in root.iterchildren("{*}decision"):
            kind = "DECISION_TABLE" if decision.find("{*}decisionTable") is not None else "LITERAL_EXPRESSION"
            own = decision.get("id") or ""
            if own in definition.decisions:
                yield Found("decision", own, decision.get("name") or own, name, kind, requirements)
    for form in definition.forms:
        yield Found("form", form, form, f"forms/{form}.schema.json")


def _titles(source: bytes) -> dict[str, str]:
    return {node.get("id") or "": node.get("name") or "" for node in read_xml(source).iterchildren("{*}process")}


def _start_form(definition: Definition, process: str) -> str | None:
    if process == definition.main_process and definition.manifest.start_forms:
        return definition.manifest.start_forms[0].form
    starts = (
        element.form_id
        for element in definition.elements.values()
        if element.kind == "startEvent" and element.process == process and element.parent is None
    )
    return next((form for form in starts if form), None)


async def _listed(deployment: Deployment, found: Found, parent: int | None) -> Part:
    mask = (1 << COUNTER_BITS) - 1
    wanted = number_of(deployment.id) & ~mask | crc32(f"{deployment.hash}:{found.kind}:{found.part}".encode()) & mask
    what = (found.kind, found.part, found.title, found.resource, deployment.version, parent, found.detail)
    while True:
        added = await row(ADD, wanted, deployment.id, deployment.hash, deployment.slug, *what)
        known = await row(
            f"SELECT {COLUMNS} FROM api_part WHERE definition_hash = $1 AND kind = $2 AND part = $3",
            *(deployment.hash, found.kind, found.part),
        )
        if known is not None:
            return Part(**known)
        assert added is None, "what was added is found"
        # Another part of the same millisecond has the number: the next one is free.
        wanted += 1
