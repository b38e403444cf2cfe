"""Whereabouts: which steps of the procedures in service use a connection. Only reads."""

import msgspec

from connectors import connections
from connectors.catalogue import Catalogue
from engine import deployments
from engine.elements import Element
from engine.lint.subject import Subject
from engine.manifest import Bilingual
from engine.store.statements import rows


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One step that uses a connection; `title` is the procedure's."""

    procedure: str
    title: Bilingual
    step: str


async def uses(catalogue: Catalogue) -> dict[str, list[Use]]:
    """Connection → the steps that use it; a step that computes the name of its connection is not known here."""
    found: dict[str, list[Use]] = {}
    for deployment in await deployments.active_all():
        subject = await _subject(deployment.hash)
        for element in subject.elements:
            slug = await _slug(subject, element, catalogue)
            if slug is not None:
                title = deployment.manifest.title
                use = Use(procedure=deployment.slug, title=title, step=subject.name_of(element))
                found.setdefault(slug, []).append(use)
    return found


async def connection_of(definition_hash: str, element_id: str, catalogue: Catalogue) -> str | None:
    """The connection that an element uses; None when it uses none, or computes which."""
    subject = await _subject(definition_hash)
    element = subject.definition.elements.get(element_id)
    return None if element is None else await _slug(subject, element, catalogue)


async def _subject(definition_hash: str) -> Subject:
    definition = await deployments.definition_of(definition_hash)
    return Subject(await deployments.bundle_of(definition_hash), definition, _Nothing(), None)


async def _slug(subject: Subject, element: Element, catalogue: Catalogue) -> str | None:
    template = catalogue.of_type(element.job_type or "")
    if template is None or template.connection is None:
        return None
    named = subject.inputs(element).get("connection") or element.headers.get("connection")
    if named:
        return None if named.startswith("=") else named
    wanted = template.connection.default
    return await connections.default_of(template.kind, wanted) or wanted


async def waiting(job_types: list[str]) -> int:
    """How many jobs of these types wait for their turn or their next try."""
    counted = await rows(
        "SELECT count(*) AS number FROM engine_job WHERE state = 'queued' AND type = ANY($1::text[])", job_types
    )
    return int(counted[0]["number"])


class _Nothing:
    """No catalogue is asked when nothing is judged."""

    departments = None
    connections = None

    def of_type(self, job_type: str) -> None:
        return None
