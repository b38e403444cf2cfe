"""Counter: filing on behalf of a citizen who came, called or wrote. The questions are the citizen's own, under the
agent's name.
"""

from typing import Any, cast

from litestar import Response, get, post

from desk import drafts
from desk.drafts import Origin, Owner
from engine import deployments
from web.agent.listing import procedure_titles
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

ORIGINS = ("counter", "phone", "paper")


@get("/agent/guichet", guards=[guards.files_on_behalf])
async def counter(request: AnyRequest) -> Response[Any]:
    """Which procedure, how the person reached us, and the requests this agent has not finished typing."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    unfinished = await drafts.of_owner(Owner(person=viewer.person_id), visit.now)
    return page(
        request,
        "agent/counter.html",
        offered=await deployments.active_all(),
        unfinished=[draft for draft in unfinished if draft.origin != "online"],
        titles=await procedure_titles(),
    )


@post("/agent/guichet", guards=[guards.files_on_behalf])
async def begin(request: AnyRequest) -> Response[Any]:
    """Opens a draft for the person in front of the agent, and goes to its first question."""
    visit, viewer, asked = visit_of(request), guards.viewer_of(request), await request.form()
    slug, _, form_id = str(asked.get("procedure", "")).partition("/")
    deployment = await deployments.active(slug)
    start, origin = deployment.manifest.start_form(form_id), str(asked.get("origin", ""))
    if start is None or origin not in ORIGINS:
        raise NotFound
    draft = await drafts.begin(
        slug,
        form=start.form,
        definition_hash=deployment.hash,
        owner=Owner(person=viewer.person_id),
        now=visit.now,
        origin=cast("Origin", origin),
        language=visit.language,
    )
    form = await form_of(deployment.hash, start.form)
    return see_other(f"/demandes/{draft.id}/etape/{form.pages[0].id}")


HANDLERS = [counter, begin]
