"""Catalogue: the procedures in service, found by subject or by words, and the page of each.
Never starts a draft: see `apply`."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from litestar import Response, get

from accounts import departments
from accounts.errors import DepartmentUnknown
from desk import drafts
from engine import deployments
from engine.deployments import Deployment
from web.citizen.owners import owner_of
from web.pages import guards, language, signed_links
from web.pages.layout import AnyRequest, page
from web.pages.visit import visit_of


@get("/", guards=[guards.anyone])
async def home(request: AnyRequest, q: str = "") -> Response[Any]:
    """What the town offers, by subject."""
    # What only other systems or events start is not for citizens to choose.
    offered = [one for one in await deployments.active_all() if one.manifest.start_forms]
    found = [one for one in offered if answers_to(one, q)] if q.strip() else offered
    visit = visit_of(request)
    unfinished = await drafts.of_owner(owner_of(visit), visit.now) if visit.visitor or visit.viewer else ()
    return page(
        request,
        "citizen/home.html",
        headings=by_heading(found),
        query=q.strip(),
        found=len(found),
        unfinished=[draft for draft in unfinished if draft.origin == "online"],
        titles={one.slug: one.manifest.title for one in offered},
    )


@get("/demarches/{slug:str}", guards=[guards.anyone])
async def procedure(request: AnyRequest, slug: str, avec: str = "") -> Response[Any]:
    """What a procedure is, what it asks for, what happens afterwards, and the button to begin."""
    deployment = await deployments.active(slug)
    visit = visit_of(request)
    draft = await drafts.offered(slug, owner_of(visit), visit.now) if visit.visitor or visit.viewer else None
    return page(
        request,
        "citizen/procedure.html",
        procedure=deployment.manifest,
        department=await department_of(deployment.manifest.department),
        draft=draft,
        # First answers, signed by the town: carried along, read when the draft begins.
        link=avec[: signed_links.LONGEST],
    )


def answers_to(deployment: Deployment, query: str) -> bool:
    """Whether every word asked for begins a word of the procedure's title, summary or keywords; accents do not
    matter."""
    manifest = deployment.manifest
    texts = [
        language.pick(manifest.title),
        language.pick(manifest.summary),
        *manifest.keywords.fr,
        *manifest.keywords.en,
    ]
    words = fold(" ".join(texts)).replace("'", " ").replace("’", " ").split()
    return all(any(word.startswith(asked) for word in words) for asked in fold(query).replace("'", " ").split())


def by_heading(offered: Sequence[Deployment]) -> list[tuple[str, list[Deployment]]]:
    """Procedures under their category, categories and titles in order."""
    headings: dict[str, list[Deployment]] = {}
    for deployment in sorted(offered, key=lambda one: fold(language.pick(one.manifest.title))):
        headings.setdefault(deployment.manifest.category, []).append(deployment)
    return sorted(headings.items())


async def department_of(slug: str) -> departments.Department | None:
    """The department's contacts, when the town has entered them."""
    try:
        return await departments.get(slug)
    except DepartmentUnknown:
        return None


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(letter))


HANDLERS = [home, procedure]
