"""Procedures, their forms as JSON Schema, and the departments of the town."""

from typing import Any

from litestar import Request, get

from accounts import departments
from accounts.clients import Client
from api.errors import NothingHere
from api.guards import client_of, scoped
from api.shapes import Shape
from api.town.refusals import told
from engine import deployments
from engine.deployments import Deployment


class Words(Shape, frozen=True, kw_only=True):
    """The same words in French and, if they were given, in English."""

    fr: str
    en: str


class FormName(Shape, frozen=True, kw_only=True):
    """A form a request may begin with."""

    form: str
    title: Words


class Procedure(Shape, frozen=True, kw_only=True):
    """What the town offers. `term`: the announced delay, in days or working days."""

    slug: str
    version: int
    title: Words
    summary: Words
    category: str
    department: str
    anonymous: bool
    cost: Words | None
    papers: list[Words]
    term_days: int | None
    term_working_days: int | None
    forms: list[FormName]


class FormDocument(Shape, frozen=True, kw_only=True):
    """A form: its JSON Schema 2020-12, its JSON Forms UI schema, and its English words by French ones."""

    procedure: str
    version: int
    form: str
    schema: dict[str, Any]
    ui_schema: dict[str, Any] | None
    translations: dict[str, str]


class Department(Shape, frozen=True, kw_only=True):
    """A department and how to reach it."""

    slug: str
    name: Words
    email: str | None
    phone: str | None
    address: str | None
    hours: Words


@get("/api/procedures", guards=[scoped("read")], tags=["town: procedures"])
async def procedures(request: Request[Any, Any, Any]) -> list[Procedure]:
    """The procedures in service that people can file, by slug."""
    client = client_of(request)
    return [shown(one) for one in await deployments.active_all() if one.manifest.start_forms and client.sees(one.slug)]


@get("/api/procedures/{slug:str}", guards=[scoped("read")], tags=["town: procedures"])
async def procedure(request: Request[Any, Any, Any], slug: str) -> Procedure:
    """One procedure in service."""
    return shown(await in_service(slug, client_of(request)))


@get("/api/procedures/{slug:str}/forms/{form:str}", guards=[scoped("read")], tags=["town: procedures"])
async def form_document(request: Request[Any, Any, Any], slug: str, form: str) -> FormDocument:
    """A form of the version in service."""
    deployment = await in_service(slug, client_of(request))
    definition = await deployments.definition_of(deployment.hash)
    source = definition.forms.get(form)
    if source is None:
        raise NothingHere("The procedure has no form of this name.")
    return FormDocument(
        procedure=slug,
        version=deployment.version,
        form=form,
        schema=source.schema,
        ui_schema=source.ui,
        translations=source.translations,
    )


@get("/api/departments", guards=[scoped("read")], tags=["town: procedures"])
async def all_departments() -> list[Department]:
    """The departments that take work."""
    return [
        Department(
            slug=one.slug,
            name=Words(fr=one.name_fr, en=one.name_en),
            email=one.email,
            phone=one.phone,
            address=one.address,
            hours=Words(fr=one.hours_fr or "", en=one.hours_en or ""),
        )
        for one in await departments.all_active()
    ]


async def in_service(slug: str, client: Client) -> Deployment:
    """The version in service of a procedure the client may see. Raises `NothingHere`."""
    if not client.sees(slug):
        raise NothingHere
    with told():
        return await deployments.active(slug)


def shown(deployment: Deployment) -> Procedure:
    """A procedure as clients read it."""
    manifest = deployment.manifest
    return Procedure(
        slug=manifest.slug,
        version=deployment.version,
        title=_words(manifest.title),
        summary=_words(manifest.summary),
        category=manifest.category,
        department=manifest.department,
        anonymous=manifest.anonymous,
        cost=None if manifest.cost is None else _words(manifest.cost),
        papers=[_words(each) for each in manifest.papers],
        term_days=manifest.term.days if manifest.term else None,
        term_working_days=manifest.term.working_days if manifest.term else None,
        forms=[FormName(form=each.form, title=_words(each.title)) for each in manifest.start_forms],
    )


def _words(said: Any) -> Words:
    return Words(fr=said.fr, en=said.en)


HANDLERS = [procedures, procedure, form_document, all_departments]
