"""Searching: reception finds any request by reference, name, phone or e-mail, within rights, from every screen
(`/`).
"""

from typing import Any

from litestar import Response, get

from accounts import permissions
from desk import people
from web.agent.listing import department_names, procedure_titles
from web.pages import guards
from web.pages.layout import AnyRequest, page


@get("/agent/recherche", guards=[guards.agent])
async def search(request: AnyRequest) -> Response[Any]:
    """Requests that answer to what somebody says at the counter or on the phone."""
    viewer = guards.viewer_of(request)
    query = request.query_params.get("q", "").strip()[:100]
    within = None if permissions.may_see_all_cases(viewer) else tuple(viewer.departments)
    found = await people.look_up(query, departments=within, limit=30) if query else ()
    return page(
        request,
        "agent/search.html",
        query=query,
        found=found,
        titles=await procedure_titles(),
        names=await department_names(),
    )


HANDLERS = [search]
