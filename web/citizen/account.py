"""Account: signing up, and a citizen's own requests and drafts.
The address is proved by the link that sets the password."""

from typing import Any

from litestar import Response, get, post

from accounts import passwords, people, permissions, signing
from accounts.errors import EmailInvalid, EmailTaken
from desk import drafts
from engine import cases, deployments
from web.citizen.owners import owner_of
from web.pages import guards
from web.pages.layout import AnyRequest, page, see_other
from web.pages.signing_in import address_of
from web.pages.visit import visit_of


@get("/compte/creer", guards=[guards.anyone])
async def sign_up_page(request: AnyRequest) -> Response[Any]:
    """Asks for a name and an address."""
    return page(request, "citizen/sign_up.html", name="", email="", problems=[], sent=False)


@post("/compte/creer", guards=[guards.anyone])
async def sign_up(request: AnyRequest) -> Response[Any]:
    """Sends the link that opens the account; says the same when the address has one already."""
    visit, form = visit_of(request), await request.form()
    name, email = " ".join(str(form.get("name", "")).split())[:120], str(form.get("email", ""))
    problems = [] if name else ["name"]
    try:
        people.tidy_email(email)
    except EmailInvalid:
        problems.append("email")
    if problems:
        return page(request, "citizen/sign_up.html", status=422, name=name, email=email, problems=problems, sent=False)
    await signing.may_send_reset(email, address=address_of(request), throttling=visit.house.throttle, now=visit.now)
    await _invite(request, name, email)
    return page(request, "citizen/sign_up.html", name=name, email=email, problems=[], sent=True)


@get("/compte", guards=[guards.signed_in])
async def mine(request: AnyRequest) -> Response[Any]:
    """My requests and what I have begun."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    if permissions.is_agent(viewer):
        return see_other("/agent")
    await drafts.adopt(visit.visitor_secret(), viewer.person_id, visit.now)
    titles = {one.slug: one.manifest.title for one in await deployments.active_all()}
    return page(
        request,
        "citizen/account.html",
        cases=await cases.of_person(applicant_id=viewer.person_id),
        unfinished=await drafts.of_owner(owner_of(visit), visit.now),
        titles=titles,
    )


async def _invite(request: AnyRequest, name: str, email: str) -> None:
    visit = visit_of(request)
    try:
        await people.add(name=name, email=email, kind="citizen", locale=visit.language, now=visit.now)
    except EmailTaken:
        pass
    person = await people.of_email(email)
    send = visit.house.connections.get("send_password_link")
    if person is not None and person.active and send is not None:
        token = await passwords.issue_reset(person.id, visit.now)
        await send(person, f"{visit.house.public_url}/mot-de-passe/{token}")


HANDLERS = [sign_up_page, sign_up, mine]
