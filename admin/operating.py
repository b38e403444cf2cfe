"""Operating: one running case in an administrator's hands: where it stands, what it knows, what has happened, and
what can be done to it. Every operation asks for a reason, then for a confirmation.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict

from admin.asked import Asked, obstacles_said, perform, problem_of
from admin.editing import EDITOR_POLICY
from engine import cases, deployments, history, incidents, operations
from engine.bpmn.errors import StateRefused
from engine.cases import Case
from engine.errors import EngineError
from engine.history import Rebuilt, Step
from engine.operations import InstanceView, Position
from web.agent.listing import procedure_titles
from web.pages import guards
from web.pages.assets import built
from web.pages.layout import AnyRequest, page, see_other
from web.pages.problems import status_of
from web.pages.visit import visit_of

SHOWN_STEPS = 100
SHOWN_VISITS = 300
LONGEST_VALUE = 4_000


class Operated(msgspec.Struct, frozen=True, kw_only=True):
    """One instance of the case as the page shows it. `choices`: elements that may be begun, (id, words). Where its
    stored state cannot be read, only its history is shown.
    """

    instance: InstanceView
    positions: list[Position]
    variables: list[tuple[str, str]]
    choices: list[tuple[str, str]]
    steps: list[Step]
    is_readable: bool


@get("/admin/dossiers/{case_id:uuid}/exploitation", guards=[guards.administrator])
async def show(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """The case and what can be done to it."""
    return await _draw(request, await cases.get(case_id))


@get("/admin/dossiers/{case_id:uuid}/exploitation/chiffres", guards=[guards.administrator])
async def counts(case_id: UUID) -> dict[str, dict[str, int]]:
    """Where the case stands on its diagram, asked again by the page every ten seconds."""
    await cases.get(case_id)
    instances = await operations.instances_of(case_id)
    return counts_of((await _operated(instances[0])).positions) if instances else {}


@post("/admin/dossiers/{case_id:uuid}/exploitation", guards=[guards.administrator])
async def operate(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """An operation is asked for: first it is said back, then, confirmed, it is done."""
    case, form, visit = await cases.get(case_id), await request.form(), visit_of(request)
    asked = _read(form)
    problem = problem_of(asked)
    if problem:
        return await _draw(request, case, status=422, asked=asked, problem=problem)
    if form.get("confirme") != "1":
        fields = [(name, str(value)) for name, value in form.multi_items() if name != "csrf"]
        return page(request, "admin/confirm.html", case=case, asked=asked, fields=fields, words=await _words(asked))
    try:
        await perform(case.id, asked, visit.actor(), visit.now)
    except EngineError as refused:
        return await _draw(request, case, status=status_of(refused), asked=asked, refusals=obstacles_said(refused))
    return see_other(f"/admin/dossiers/{case_id}/exploitation?fait={asked.operation}")


def _read(form: FormMultiDict) -> Asked:
    def text(name: str) -> str:
        return str(form.get(name, "")).strip()

    return Asked(
        operation=text("operation"),
        instance_id=text("execution"),
        reason=text("motif")[:1000],
        begin=tuple(str(each) for each in form.getall("commencer", []) if each),
        within=text("dans"),
        end=tuple(str(each) for each in form.getall("terminer", []) if each),
        name=text("nom"),
        value=str(form.get("valeur", "")),
    )


async def _words(asked: Asked) -> dict[str, list[str]]:
    """What the confirmation page says by name."""
    found: dict[str, list[str]] = {"begin": [], "end": []}
    if asked.operation != "parcours" or asked.instance is None:
        return found
    positions = {str(one.token): one for one in await operations.positions_of(asked.instance)}
    found["begin"] = list(asked.begin)
    found["end"] = [f"{positions[token].name} (n° {token})" for token in asked.end if token in positions]
    return found


async def _draw(
    request: AnyRequest,
    case: Case,
    *,
    status: int = 200,
    asked: Asked | None = None,
    problem: str = "",
    refusals: list[str] | None = None,
) -> Response[Any]:
    instances = await operations.instances_of(case.id)
    operated = [await _operated(instance) for instance in instances]
    drawn = page(
        request,
        "admin/operate.html",
        status=status,
        case=case,
        operated=operated,
        editor=_diagram(request, case, operated[0]) if operated and operated[0].positions else None,
        built=built,
        visits=list(reversed((await history.visits(case.id))[-SHOWN_VISITS:])),
        blocked=[one for one in await incidents.of_case(case.id) if one.resolved_at is None],
        then=await _then(request, instances),
        asked=asked or Asked(operation=""),
        problem=problem,
        refusals=refusals or [],
        said=request.query_params.get("fait", ""),
        shown=shown,
        titles=await procedure_titles(),
    )
    drawn.headers["content-security-policy"] = EDITOR_POLICY
    return drawn


def _diagram(request: AnyRequest, case: Case, root: Operated) -> dict[str, Any]:
    """What the live diagram needs to show where this one case stands."""
    version = f"/admin/versions/{root.instance.deployment_id}"
    return {
        "language": visit_of(request).language,
        "file": f"{version}/schema.bpmn",
        "figures": f"/admin/dossiers/{case.id}/exploitation/chiffres",
        "cases": f"{version}/dossiers",
        "counts": counts_of(root.positions),
    }


def counts_of(positions: list[Position]) -> dict[str, dict[str, int]]:
    """How many tokens wait at each element, and how many of them are blocked."""
    found: dict[str, dict[str, int]] = {}
    for position in positions:
        if position.state != "inside":
            at = found.setdefault(position.element, {"open": 0, "late": 0, "incidents": 0})
            at["open"] += 1
            at["incidents"] += position.state == "blocked"
    return found


async def _operated(instance: InstanceView) -> Operated:
    running = instance.status == "running"
    positions, variables, choices = list[Position](), dict[str, Any](), list[tuple[str, str]]()
    try:
        variables = await operations.variables_of(instance.id)
        positions = await operations.positions_of(instance.id) if running else []
        choices = await _choices(instance) if running else []
        is_readable = True
    except StateRefused:
        is_readable = False
    return Operated(
        instance=instance,
        positions=positions,
        variables=[(name, shown(value)) for name, value in sorted(variables.items())],
        choices=choices,
        steps=list(reversed((await history.steps(instance.id))[-SHOWN_STEPS:])),
        is_readable=is_readable,
    )


async def _choices(instance: InstanceView) -> list[tuple[str, str]]:
    definition = await deployments.definition_of(instance.definition_hash)
    found = [
        (element.id, f"{element.name} ({element.id})" if element.name else element.id)
        for element in definition.elements.values()
        if element.kind not in ("boundaryEvent", "eventSubProcess")
    ]
    return sorted(found, key=lambda choice: choice[1].casefold())


async def _then(request: AnyRequest, instances: list[InstanceView]) -> tuple[Step, Rebuilt] | None:
    """The case as the step in the address left it."""
    asked = request.query_params.get("etape", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    for instance in instances:
        for step in await history.steps(instance.id):
            if step.id == int(asked):
                return step, await history.at_step(instance.id, step.id)
    return None


def shown(value: Any) -> str:
    """A value as JSON, cut where it would fill the page."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + " …"


HANDLERS = [show, counts, operate]
