"""A walk: every page of the town, asked for by somebody unknown, a citizen, an agent and an administrator."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse

from server.app import all_routes
from tests.browser.conftest import Meet
from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-routes")]


def pages_without_parameters() -> list[str]:
    """The path of every page that needs nothing but its path."""
    from litestar import Litestar

    found = {
        route.path
        for route in Litestar(route_handlers=list(all_routes()), openapi_config=None).routes
        if "GET" in getattr(route, "methods", ()) and not getattr(route, "path_parameters", ())
    }
    return sorted(found)


def outcome(visitor: Visitor, path: str) -> str:
    """What the town answers: a page, the sign-in page, a refusal, nothing there; or a fault."""
    answer: APIResponse = visitor.context.request.get(visitor.town.address + path, max_redirects=0)
    if answer.status in (302, 303, 307):
        return "sign in" if urlsplit(answer.headers["location"]).path == "/connexion" else "elsewhere"
    return {200: "page", 401: "sign in", 403: "refused", 404: "nothing"}.get(answer.status, f"fault {answer.status}")


def test_every_page_answers_everybody_as_it_should(meet: Meet, town: ServedTown) -> None:
    people = {"unknown": meet("unknown"), "agent": meet("agent"), "administrator": meet("administrator")}
    people["agent"].sign_in("Thomas Roussel")
    people["administrator"].sign_in("Claire Fontaine")
    walked = [path for path in pages_without_parameters() if not path.endswith(("direct", "live"))]

    answers = {(path, who): outcome(visitor, path) for path in walked for who, visitor in people.items()}

    assert [(each, said) for each, said in answers.items() if said.startswith("fault")] == []
    private = [path for path in walked if path.startswith(("/agent", "/admin"))]
    assert [path for path in private if answers[path, "unknown"] in ("page", "elsewhere")] == []
    kept = [path for path in walked if path.startswith("/admin")]
    assert [path for path in kept if answers[path, "agent"] not in ("refused", "nothing")] == []
    assert [path for path in kept if answers[path, "administrator"] not in ("page", "elsewhere")] == []
