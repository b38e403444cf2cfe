"""Connections: the screens where administrators set up, test and mend what connectors know of this town. Secrets are
typed here and never shown again."""

import re
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post

from connectors import admission, connections, whereabouts
from connectors.available import Available
from connectors.catalogue import ConnectionPart, Field, Template
from connectors.connections import Card, NotKept, Wrong
from connectors.errors import ConnectionMissing, ConnectorError
from connectors.panels import template_in
from connectors.sms.spending import spent
from connectors.toolbox import Toolbox
from engine.connector import Checked, Failure
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
SMS = "parvis.sms"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One connection on the list: `state` is off, resting, failing, untested, refused or well."""

    card: Card
    kind: str
    state: str
    since: Any
    reason: str
    usage: connections.Usage
    uses: int


@get("/admin/connexions", guards=[guards.administrator])
async def all_connections(request: AnyRequest) -> Response[Any]:
    """Every connection with how it fares, and the kinds that can be added."""
    visit, house = visit_of(request), await available(request)
    gauges, used = await connections.gauges(), await whereabouts.uses(house.catalogue)
    lines = []
    for card in await connections.all_cards():
        owner, gauge = house.catalogue.kinds.get(card.kind), gauges.get(card.slug)
        lines.append(
            Line(
                card=card,
                kind=template_in(owner, visit.language).name if owner else card.kind,
                state=state_of(card, gauge, visit.now),
                since=gauge.down_since if gauge else None,
                reason=gauge.reason if gauge and gauge.down_since else card.tested_said,
                usage=await connections.usage_of(card.slug, visit.now - WEEK),
                uses=len(used.get(card.slug, ())),
            )
        )
    there = {line.card.slug for line in lines} | tools_of(house).provided.keys()
    missing = {slug: found for slug, found in used.items() if slug not in there}
    kinds = sorted(
        (template_in(one, visit.language) for one in house.catalogue.kinds.values()), key=lambda one: one.name
    )
    said = request.query_params.get("fait", "")
    return page(request, "admin/connections.html", lines=lines, kinds=kinds, missing=missing, said=said)


@get("/admin/connexions/nouvelle", guards=[guards.administrator])
async def new_connection(request: AnyRequest) -> Response[Any]:
    """The empty form of a kind; without one, the list of kinds to choose from."""
    kind = request.query_params.get("genre", "")
    if not kind:
        return see_other("/admin/connexions")
    template = await template_of(request, kind)
    part = template.connection or ConnectionPart()
    slug = request.query_params.get("nom", "") or part.default
    given = {field.name: field.value for field in part.fields if field.value is not None}
    card = Card(slug=slug, kind=template.id, title="", given=given)
    return await form_page(request, card, template, is_new=True)


@get("/admin/connexions/{slug:str}", guards=[guards.administrator])
async def one_connection(request: AnyRequest, slug: str) -> Response[Any]:
    """One connection: its form, its test, its figures, where it is used."""
    card = await card_of(slug)
    return await form_page(request, card, await template_of(request, card.kind))


@post("/admin/connexions", guards=[guards.administrator])
async def create(request: AnyRequest) -> Response[Any]:
    """Adds a connection; a name that is taken comes back."""
    form = await request.form()
    template = await template_of(request, str(form.get("kind", "")))
    slug = str(form.get("slug", "")).strip()
    try:
        await connections.card(slug)
    except ConnectionMissing:
        return await _keep(request, slug, template, is_new=True)
    card, _ = read_form(form, slug, template)
    return await form_page(request, card, template, wrong=(Wrong("slug", "taken"),), is_new=True)


@post("/admin/connexions/{slug:str}", guards=[guards.administrator])
async def change(request: AnyRequest, slug: str) -> Response[Any]:
    """Changes a connection."""
    return await _keep(request, slug, await template_of(request, (await card_of(slug)).kind), is_new=False)


@post("/admin/connexions/{slug:str}/tester", guards=[guards.administrator])
async def test(request: AnyRequest, slug: str) -> Response[Any]:
    """Calls the other side without any case, and remembers what it said."""
    visit, card = visit_of(request), await card_of(slug)
    checked = await _try(await available(request), card, visit.now)
    await connections.record_test(slug, checked, visit.now)
    return see_other(f"/admin/connexions/{slug}?fait=teste")


@post("/admin/connexions/{slug:str}/retirer", guards=[guards.administrator])
async def remove(slug: str) -> Response[Any]:
    """Forgets a connection and its secrets."""
    await connections.remove(slug)
    return see_other("/admin/connexions?fait=retiree")


async def form_page(
    request: AnyRequest, card: Card, template: Template, *, wrong: tuple[Wrong, ...] = (), is_new: bool = False
) -> Response[Any]:
    """The page of one connection, empty or filled in, with what was wrong."""
    visit, house = visit_of(request), await available(request)
    gauge = None if is_new else await admission.gauge_of(card.slug)
    used = [] if is_new else (await whereabouts.uses(house.catalogue)).get(card.slug, [])
    jobs = [template_in(one, visit.language) for one in house.catalogue.templates.values() if one.kind == template.id]
    template = template_in(template, visit.language)
    part = template.connection or ConnectionPart()
    return page(
        request,
        "admin/connection.html",
        status=422 if wrong else 200,
        card=card,
        template=template,
        fields=part.fields,
        inbound=part.inbound,
        wrong={each.field: each.why for each in wrong},
        is_new=is_new,
        gauge=gauge,
        state=state_of(card, gauge, visit.now),
        usage=connections.Usage() if is_new else await connections.usage_of(card.slug, visit.now - WEEK),
        spending=None if is_new or template.id != SMS else await spent(card.slug, visit.now - MONTH),
        uses=used,
        jobs=jobs,
        can_test=testable(house, template) is not None,
        said=request.query_params.get("fait", ""),
    )


def state_of(card: Card, gauge: connections.Gauge | None, now: Any) -> str:
    """How a connection is, in one word for the screens."""
    if not card.active:
        return "off"
    if gauge is not None and gauge.is_resting(now):
        return "resting"
    if gauge is not None and gauge.down_since is not None:
        return "failing"
    if card.tested_well is None:
        return "untested"
    return "well" if card.tested_well else "refused"


def testable(house: Available, template: Template) -> Any | None:
    """The connector that can test connections of this kind."""
    found = [each for name, each in house.connectors.items() if _kind(house, name) == template.id]
    return next((each for each in found if hasattr(each, "test")), None)


def tools_of(house: Available) -> Toolbox:
    """What its connectors reach the world with."""
    assert isinstance(house.tools, Toolbox)
    return house.tools


async def available(request: AnyRequest) -> Available:
    """The connectors of this process, with those added lately."""
    found: Available = visit_of(request).house.connections["connectors"]
    found.look_again()
    await found.refresh()
    return found


async def template_of(request: AnyRequest, kind: str) -> Template:
    """The template that owns a kind of connection. Raises `NotFound`."""
    template = (await available(request)).catalogue.kinds.get(kind)
    if template is None:
        raise NotFound
    return template


async def card_of(slug: str) -> Card:
    """The connection. Raises `NotFound`."""
    try:
        return await connections.card(slug)
    except ConnectionMissing as error:
        raise NotFound from error


async def _keep(request: AnyRequest, slug: str, template: Template, *, is_new: bool) -> Response[Any]:
    visit, house = visit_of(request), await available(request)
    card, secrets = read_form(await request.form(), slug, template)
    tools = tools_of(house)
    by_name = visit.viewer.name if visit.viewer else ""
    try:
        await connections.keep(card, secrets, template=template, vault=tools.vault, by_name=by_name, now=visit.now)
    except NotKept as refused:
        return await form_page(request, card, template, wrong=refused.wrong, is_new=is_new)
    return see_other(f"/admin/connexions/{slug}?fait=enregistre")


def read_form(form: Any, slug: str, template: Template) -> tuple[Card, dict[str, Any]]:
    """What was typed: the open values, and the secrets apart."""
    fields = template.connection.fields if template.connection else ()
    values = {field.name: _typed(field, form.get(f"v-{field.name}")) for field in fields}
    given = {field.name: values[field.name] for field in fields if not field.secret and values[field.name] is not None}
    card = Card(
        slug=slug,
        kind=template.id,
        title=str(form.get("title", "")).strip()[:200],
        given=given,
        hosts=tuple(each.lower() for each in re.split(r"[\s,;]+", str(form.get("hosts", ""))) if each)[:50],
        concurrency=_number(form.get("concurrency")),
        per_minute=_number(form.get("per_minute")),
        active=form.get("active") is not None,
    )
    return card, {field.name: values[field.name] for field in fields if field.secret}


def _typed(field: Field, text: Any) -> Any:
    if field.type == "Boolean":
        return text is not None
    written = str(text or "").strip()
    if not written:
        return None
    if field.type == "Number":
        plain = written.replace(",", ".")
        if re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", plain):
            return float(plain) if "." in plain else int(plain)
    return written


def _number(text: Any) -> int:
    written = str(text or "").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 0


async def _try(house: Available, card: Card, now: Any) -> Checked:
    template, tools = house.catalogue.kinds.get(card.kind), tools_of(house)
    connector = testable(house, template) if template else None
    if connector is None:
        return Checked(well=False, said="This connection has no test.")
    try:
        return await connector.test(await tools.opened(card.slug, card.kind), now)
    except ConnectorError as error:
        return Checked(well=False, said=str(error))
    except Failure as error:
        return Checked(well=False, said=str(error)[:300])


def _kind(house: Available, job_type: str) -> str:
    template = house.catalogue.of_type(job_type)
    return template.kind if template else ""


HANDLERS = [all_connections, new_connection, one_connection, create, change, test, remove]
