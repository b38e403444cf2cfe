"""Opinions: what surveys say, by version and step of each procedure."""

from typing import Any

from litestar import Response, get

from admin.dashboard import PERIODS, period_of
from desk import opinions
from desk.opinions import Opinion
from engine import deployments
from engine.errors import EngineError
from web.agent.listing import procedure_titles
from web.pages import guards
from web.pages.layout import AnyRequest, page


@get("/admin/chiffres/avis", guards=[guards.administrator])
async def overview(request: AnyRequest) -> Response[Any]:
    """Every survey of the period, with its dimensions."""
    days, since, now = period_of(request)
    found = await opinions.opinions(since, now)
    return page(
        request,
        "admin/opinions.html",
        days=days,
        periods=list(PERIODS),
        found=found,
        steps={(one.definition_hash, one.element_id): await _step(one) for one in found},
        titles=await procedure_titles(),
    )


async def _step(opinion: Opinion) -> str:
    """The name of the step that invited; empty when its version is not known any more."""
    try:
        element = (await deployments.definition_of(opinion.definition_hash)).elements.get(opinion.element_id)
    except EngineError:
        return ""
    return (element.name or element.id) if element else ""


HANDLERS = [overview]
