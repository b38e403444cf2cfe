"""Every page has a guard, and each audience is let in where it should be and nowhere else."""

import pytest

from accounts import people
from accounts.departments import Department, upsert
from web.pages import guards

AUDIENCES = ("nobody", "citizen", "agent", "supervisor", "administrator")
LET_IN = {
    "anyone": set(AUDIENCES),
    "signed_in": set(AUDIENCES) - {"nobody"},
    "agent": {"agent", "supervisor", "administrator"},
    "files_on_behalf": {"agent", "supervisor", "administrator"},
    "supervisor": {"supervisor"},
    "administrator": {"administrator"},
}
SOME_ID = "0199b2f0-0000-7000-8000-000000000000"


def handlers(application):
    """Every handler of our pages with its path and method."""
    for route in application.routes:
        for handler in getattr(route, "route_handlers", ()):
            # Addresses of machine clients have guards of their own: tests/api/test_access.py walks them.
            if route.path.startswith(("/static", "/v2/", "/api/", "/oauth/", "/open311/")):
                continue
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield route.path, method, handler


def guard_of(handler):
    """The names of our guards on a handler."""
    named = (getattr(guard, "func", guard) for guard in handler.resolve_guards())
    return [guard.__name__ for guard in named if guard in guards.GUARDS]


def test_every_route_says_who_may_open_it(application):
    unguarded = [(path, method) for path, method, handler in handlers(application) if len(guard_of(handler)) != 1]

    assert unguarded == []


@pytest.fixture
async def cookies(database, application, now):
    """A session cookie for each audience."""
    await upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    sessions = application.state["house"].sessions
    found = {"nobody": None}
    for audience in AUDIENCES[1:]:
        person_id = await people.add(
            name=audience,
            email=f"{audience}@ville.example",
            kind="citizen" if audience == "citizen" else "agent",
            roles=["administrator"] if audience == "administrator" else [],
            departments=["voirie"] if audience == "agent" else [],
            supervises=["voirie"] if audience == "supervisor" else [],
            now=now,
        )
        found[audience] = await sessions.open(person_id, now)
    return found


@pytest.mark.parametrize("audience", AUDIENCES)
async def test_each_audience_opens_its_own_pages_only(application, browser, cookies, audience):
    client, wrong = browser.client, []
    visitor = (await client.get("/connexion")) and client.cookies.get("parvis-visitor")

    for path, method, handler in handlers(application):
        address = path
        while (start := address.find("{")) != -1:
            end = address.index("}", start)
            address = (
                address[:start] + (SOME_ID if address[start:end].endswith("uuid") else "absent") + address[end + 1 :]
            )
        client.cookies.clear()
        client.cookies.set("parvis-visitor", visitor)
        if cookies[audience]:
            client.cookies.set("parvis", cookies[audience])
        token = await token_of(application, visitor)
        answer = await client.request(method, address, data={"csrf": token} if method == "POST" else None)
        refused = answer.status_code in (401, 403)
        if refused is (audience in LET_IN[guard_of(handler)[0]]):
            wrong.append((audience, method, path, answer.status_code))
        if "deconnexion" in path and cookies[audience]:
            sessions = application.state["house"].sessions
            person = await people.of_email(f"{audience}@ville.example")
            cookies[audience] = await sessions.open(person.id, application.state["house"].clock())

    assert wrong == []


async def token_of(application, visitor):
    """The form token of a visitor cookie."""
    from web.pages.visit import Visit

    house = application.state["house"]
    return Visit(house, house.clock(), {"parvis-visitor": visitor}, "fr").sign("csrf", visitor)
