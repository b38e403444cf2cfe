"""Migrating: the cases of a version go on with another: the plan, the dry run over every live case, then the batch."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from admin.asked import obstacles_said
from engine import batches, deployments, migrations
from engine.definition import Definition
from engine.deployments import Deployment
from engine.errors import EngineError
from engine.migration import Mover
from engine.migrations import Verdict
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.identifiers import identifier_of
from web.pages.language import translate
from web.pages.layout import AnyRequest, page, see_other
from web.pages.problems import status_of
from web.pages.visit import visit_of

SHOWN = 200
PREFIX = "element."


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the plan: an element of the version to leave, and what was said of it (its counterpart's id)."""

    element: str
    name: str
    said: str


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """The verdicts: how many of each, and as many as a page shows, those that stay first."""

    moving: int
    staying: int
    shown: list[tuple[Verdict, list[str]]]


@get("/admin/versions/{deployment_id:uuid}/migrer", guards=[guards.administrator])
async def plan(request: AnyRequest, deployment_id: UUID) -> Response[Any]:
    """The plan and, once a version to reach is chosen, the dry run. Changes nothing."""
    source = await deployments.get(deployment_id)
    target = await _target(source, request.query_params.get("vers", ""))
    chosen = {name.removeprefix(PREFIX): value for name, value in request.query_params.items() if _is_pair(name)}
    return await _draw(request, source, target, chosen)


@post("/admin/versions/{deployment_id:uuid}/migrer", guards=[guards.administrator])
async def migrate(request: AnyRequest, deployment_id: UUID) -> Response[Any]:
    """The batch is asked for: first it is said back, then, confirmed, the workers do it."""
    source, form, visit = await deployments.get(deployment_id), await request.form(), visit_of(request)
    target = await _target(source, str(form.get("vers", "")))
    if target is None:
        raise NotFound
    chosen = {name.removeprefix(PREFIX): str(value) for name, value in form.multi_items() if _is_pair(name)}
    reason = str(form.get("motif", "")).strip()[:1000]
    if not reason:
        return await _draw(request, source, target, chosen, status=422, problem="reason")
    if form.get("confirme") != "1":
        return await _draw(request, source, target, chosen, confirm=reason)
    try:
        mover = await _mover(source, target, chosen)
    except EngineError as refused:
        return await _draw(request, source, target, chosen, status=status_of(refused))
    able = [verdict.instance_id async for verdict in migrations.verdicts(mover, visit.now) if verdict.moves]
    parameters = {"source": source.hash, "target": target.hash, "said": _said(chosen)}
    batch_id = await batches.begin(
        "migrate", able, reason=reason, by=visit.actor(), now=visit.now, parameters=parameters, procedure=source.slug
    )
    return see_other(f"/admin/lots/{batch_id}")


def _is_pair(name: str) -> bool:
    return name.startswith(PREFIX) and len(name) < 300


def _said(chosen: dict[str, str]) -> dict[str, str | None]:
    """What the administrator has said; what was left to itself is not in it."""
    return {element: target for element, target in chosen.items() if target}


async def _target(source: Deployment, text: str) -> Deployment | None:
    """The version to reach. Raises `NotFound` for one of another procedure."""
    chosen = identifier_of(text)
    if chosen is None:
        return None
    target = await deployments.get(chosen)
    if target.slug != source.slug or target.id == source.id:
        raise NotFound
    return target


async def _mover(source: Deployment, target: Deployment, chosen: dict[str, str]) -> Mover:
    return await migrations.mover_between(source.hash, target.hash, _said(chosen))


async def _draw(
    request: AnyRequest,
    source: Deployment,
    target: Deployment | None,
    chosen: dict[str, str],
    *,
    status: int = 200,
    problem: str = "",
    confirm: str = "",
) -> Response[Any]:
    found, refusals, pairs, choices = None, list[str](), list[Pair](), list[tuple[str, str]]()
    if target is not None:
        old, new = await deployments.definition_of(source.hash), await deployments.definition_of(target.hash)
        choices = sorted(((one.id, _words(new, one.id)) for one in new.elements.values()), key=lambda one: one[1])
        try:
            mover = await _mover(source, target, chosen)
            found = await _dry_run(mover, request)
            pairs = _pairs(old, mover, chosen)
        except EngineError as refused:
            refusals = obstacles_said(refused)
    return page(
        request,
        "admin/migrate.html",
        status=422 if refusals and status == 200 else status,
        source=source,
        target=target,
        versions=[one for one in await deployments.versions(source.slug) if one.id != source.id],
        live=await migrations.live_count(source.hash),
        pairs=pairs,
        choices=choices,
        chosen=_said(chosen),
        prefix=PREFIX,
        found=found,
        refusals=refusals,
        problem=problem,
        confirm=confirm,
    )


async def _dry_run(mover: Mover, request: AnyRequest) -> DryRun:
    moving, staying = list[Verdict](), list[Verdict]()
    counts = [0, 0]
    async for verdict in migrations.verdicts(mover, visit_of(request).now):
        counts[verdict.moves] += 1
        kept = moving if verdict.moves else staying
        if len(kept) < SHOWN:
            kept.append(verdict)
    shown = [*staying, *moving][:SHOWN]
    told = [(one, [each.says(translate) for each in one.obstacles]) for one in shown]
    return DryRun(moving=counts[True], staying=counts[False], shown=told)


def _pairs(old: Definition, mover: Mover, chosen: dict[str, str]) -> list[Pair]:
    """Elements that do not correspond by themselves, and those of which something was said."""
    lines = [
        Pair(element=one.id, name=_words(old, one.id), said=chosen.get(one.id, ""))
        for one in old.elements.values()
        if mover.plan.target(one.id) is None or chosen.get(one.id)
    ]
    return sorted(lines, key=lambda pair: pair.name.casefold())


def _words(definition: Definition, element: str) -> str:
    name = definition.elements[element].name
    return f"{name} ({element})" if name else element


HANDLERS = [plan, migrate]
