"""Deploying: files that another system sends become bundles, are judged by the deploy gate and put in service.

A zip is a bundle. Of bare files, each diagram becomes one procedure: a new version of the bundle whose process it is,
with this diagram and these files in place of its own; else a new procedure with an implied manifest (docs/adr/0031).
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from accounts import departments
from accounts.clients import Client
from api.errors import InvalidArgument, NotPermitted
from api.foreign_forms import id_of, schema_of
from api.parts import RESOURCES
from api.store import transaction, value
from connectors.catalogue import TownCatalogue
from engine import deployments, limited, lint
from engine.actor import Actor
from engine.bpmn.parser.safe import read_xml
from engine.bundle import MANIFEST, Bundle, bundle_of, read_zip
from engine.deployments import Deployment
from engine.errors import BundleRefused, ManifestInvalid
from engine.lint import Finding

MOST_FILES = 50
IMPLIED = "api"
"""The category of procedures whose manifest was implied: only other systems start them."""
# A procedure that only other systems start needs no start form; whom its tasks are for may be theirs to say.
WAIVED = frozenset({"start-forms", "departments-known"})
HOLDER = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://parvis.example/resources">
<process id="{process}" name="{process}" isExecutable="true"><startEvent id="Start"/>
<sequenceFlow id="Flow" sourceRef="Start" targetRef="End"/><endEvent id="End"/></process></definitions>
"""
_UNSAID = {
    "fr": "Non précisé : démarche déployée par un autre système.",
    "en": "Not said: procedure deployed by another system.",
}


async def deploy(files: Mapping[str, bytes], client: Client, by: Actor, now: datetime) -> list[Deployment]:
    """Put these files in service, all of them or none. Raises `InvalidArgument` with what the gate found,
    `NotPermitted`.
    """
    try:
        bundles = await bundles_of(files, client)
        for bundle in bundles:
            await _check(bundle)
    except (BundleRefused, ManifestInvalid) as refused:
        raise InvalidArgument(str(refused)) from refused
    for bundle in bundles:
        if not client.sees(bundle.slug):
            raise NotPermitted(f"The API client may not deploy the procedure “{bundle.slug}”.")
    async with transaction():
        return [await deployments.publish(bundle, by, now) for bundle in bundles]


async def bundles_of(files: Mapping[str, bytes], client: Client) -> list[Bundle]:
    """The bundles that these files make. Raises `InvalidArgument`, `BundleRefused`, `ManifestInvalid`."""
    if not files or len(files) > MOST_FILES:
        raise InvalidArgument(f"Expected from 1 to {MOST_FILES} files.")
    zips = [content for name, content in files.items() if name.lower().endswith(".zip")]
    bare = {name: content for name, content in files.items() if not name.lower().endswith(".zip")}
    made = [await asyncio.to_thread(read_zip, content) for content in zips]
    if not bare:
        return made
    await _refuse_unsafe(bare)
    diagrams = {_plain(name): content for name, content in bare.items() if name.lower().endswith(".bpmn")}
    beside = _beside(bare)
    if not diagrams:
        return [*made, _holder(beside, client)]
    return [*made, *[await _of_diagram(name, content, beside, client) for name, content in diagrams.items()]]


async def _of_diagram(name: str, content: bytes, beside: Mapping[str, bytes], client: Client) -> Bundle:
    process, title = _process(name, content)
    slug = await value(
        "SELECT slug FROM engine_deployment WHERE state = 'active' AND manifest->>'process' = $1 ORDER BY slug LIMIT 1",
        process,
    )
    if slug is None:
        manifest = _manifest(await _free_slug(process), title or process, process, client.department, IMPLIED)
        return bundle_of({MANIFEST: manifest, name: content, **beside, **await _needed(content, beside)})
    active = await deployments.active(slug)
    before = dict((await deployments.bundle_of(active.hash)).files)
    definition = await deployments.definition_of(active.hash)
    before[definition.process_files[process]] = content
    return bundle_of({**before, **beside})


def _beside(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Decisions and forms as a bundle names them."""
    found: dict[str, bytes] = {}
    for name, content in files.items():
        kind = name.lower().rpartition(".")[2]
        if kind == "dmn":
            found[_plain(name)] = content
        elif kind in ("form", "json"):
            found |= _form(name, content)
        elif kind != "bpmn":
            raise InvalidArgument(f"“{name[:80]}” is no .bpmn, .dmn, .form or .zip file: Parvis has no use for it.")
    return found


def _form(name: str, content: bytes) -> dict[str, bytes]:
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as broken:
        raise InvalidArgument(f"“{name[:80]}” is not JSON.") from broken
    form = id_of(document)
    return {
        f"forms/{form}.schema.json": msgspec.json.encode(schema_of(document)),
        f"forms/{form}.original.json": content,
    }


def _holder(beside: Mapping[str, bytes], client: Client) -> Bundle:
    """Decisions and forms alone: a bundle whose process nobody sees."""
    digest = sha256(b"\0".join(name.encode() for name in sorted(beside))).hexdigest()[:12]
    process = f"resources-{digest}"
    manifest = _manifest(process, process, process, client.department, RESOURCES)
    return bundle_of({MANIFEST: manifest, f"{process}.bpmn": HOLDER.format(process=process).encode(), **beside})


def _process(name: str, content: bytes) -> tuple[str, str]:
    processes = [node for node in read_xml(content).iterchildren("{*}process") if node.get("isExecutable") == "true"]
    if len(processes) != 1 or not processes[0].get("id"):
        raise InvalidArgument(f"Expected one executable process in “{name}”, but there are {len(processes)}.")
    return processes[0].get("id") or "", processes[0].get("name") or ""


async def _needed(content: bytes, beside: Mapping[str, bytes]) -> dict[str, bytes]:
    """Decisions and forms that the diagram names and that were deployed before, by themselves: as they are now."""
    text = content.decode("utf-8", "replace")
    needed: dict[str, bytes] = {}
    for kind, pattern in (("form", r'formId="([^"=]+)"'), ("decision", r'decisionId="([^"=]+)"')):
        for part in sorted(set(re.findall(pattern, text))):
            hash_of_part = await value(
                """SELECT p.definition_hash FROM api_part p JOIN engine_deployment d ON d.hash = p.definition_hash
                    WHERE p.kind = $1 AND p.part = $2 AND d.manifest->>'category' = $3 ORDER BY p.key DESC LIMIT 1""",
                *(kind, part, RESOURCES),
            )
            if hash_of_part is not None:
                files = (await deployments.bundle_of(hash_of_part)).files
                needed |= {
                    name: each for name, each in files.items() if name.startswith("forms/") or name.endswith(".dmn")
                }
    return {name: each for name, each in needed.items() if name not in beside}


async def _free_slug(process: str) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", process.lower()).strip("-_")[:50] or "procedure"
    slug = slug if slug[0].isalpha() else f"p-{slug}"
    taken = await value("SELECT manifest->>'process' FROM engine_deployment WHERE slug = $1 LIMIT 1", slug)
    return slug if taken in (None, process) else f"{slug}-{sha256(process.encode()).hexdigest()[:8]}"


def _manifest(slug: str, title: str, process: str, department: str, category: str) -> bytes:
    return msgspec.json.encode(
        {
            "slug": slug,
            "title": {"fr": title[:200], "en": title[:200]},
            "summary": _UNSAID,
            "process": process,
            "department": department,
            "category": category,
            "personal_data": {"purpose": _UNSAID, "basis": _UNSAID, "recipients": _UNSAID, "retention_months": 12},
        }
    )


async def _refuse_unsafe(files: Mapping[str, bytes]) -> None:
    documents = {name: content for name, content in files.items() if name.lower().endswith((".bpmn", ".dmn"))}
    for name, reason in (await asyncio.to_thread(limited.refusals, documents)).items():
        raise InvalidArgument(f"“{name[:80]}” is not safe to read: {reason}")


async def _check(bundle: Bundle) -> None:
    catalogue = TownCatalogue(frozenset(one.slug for one in await departments.all_active()))
    waived = WAIVED if bundle.manifest.category in (IMPLIED, RESOURCES) else frozenset[str]()
    found = await asyncio.to_thread(lint.check, bundle, catalogue)
    errors = [finding for finding in found if finding.severity == "error" and finding.rule not in waived]
    if errors:
        said = "; ".join(_said(finding) for finding in errors[:20])
        raise InvalidArgument(f"The deploy gate refuses this ({len(errors)} to mend): {said}")


def _said(finding: Finding) -> str:
    message = finding.message.format_map(finding.parameters) if finding.parameters else finding.message
    place = " ".join(filter(None, (finding.file, finding.element)))
    return f"{place}: {message} ({finding.rule})"


def _plain(name: str) -> str:
    """A file's name as bundles take it: no folder, no other characters than theirs."""
    tidy = re.sub(r"[^\w.-]+", "_", name.replace("\\", "/").rpartition("/")[2]).strip(".")
    stem, _, kind = tidy.rpartition(".")
    return f"{stem or 'file'}.{kind.lower()}"[:200]
