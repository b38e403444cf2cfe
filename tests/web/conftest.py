"""A real application of this floor's pages over the test's own database; `browser` speaks to it as one visitor."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import cache
from html.parser import HTMLParser

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException

import web
from web.pages.house import open_house
from web.pages.problems import problem_page
from web.pages.templates import template_config


class Forms(HTMLParser):
    """Every hidden field of a page, the last one of a name winning."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found.get("value", "")


def hidden_fields(html: str) -> dict[str, str]:
    """What a browser would send without the person typing anything."""
    parser = Forms()
    parser.feed(html)
    return parser.hidden


class Browser:
    """One visitor: keeps cookies, sends forms with the token of the page."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def open(self, path: str, **options):
        return await self.client.get(path, follow_redirects=True, **options)

    async def send(
        self, path: str, fields: dict | None = None, *, page: str | None = None, follow: bool = True, **options
    ):
        shown = await self.client.get(page or "/connexion", follow_redirects=True)
        csrf = hidden_fields(shown.text).get("csrf", "")
        return await self.client.post(path, data={"csrf": csrf, **(fields or {})}, follow_redirects=follow, **options)

    async def sign_in(self, email: str, password: str):
        return await self.send("/connexion", {"email": email, "password": password}, page="/connexion")


class Clock:
    """A clock tests can move."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(now) -> Clock:
    return Clock(now)


@cache
def wired() -> Litestar:
    """Wired once: hundreds of tests need it, each with a state of its own, and it takes half a second."""
    return Litestar(
        route_handlers=[*web.ROUTES],
        template_config=template_config(),
        exception_handlers={Exception: problem_page, HTTPException: problem_page},
        openapi_config=None,
    )


@pytest.fixture
def application(settings, clock) -> Litestar:
    made = wired()
    made.state = State({"house": open_house(settings, None, clock)})
    return made


@pytest.fixture
async def browser(application) -> AsyncIterator[Browser]:
    transport = ASGITransport(application, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Browser(client)


async def walk(browser: Browser, shown, answers: dict, *, until: str = "verifier"):
    """Fills in page after page as a person would, sending only the questions that are asked; returns the last page."""
    for _ in range(20):
        path = shown.url.path + (f"?{shown.url.query.decode()}" if shown.url.query else "")
        if until in path or shown.status_code >= 400:
            return shown
        sent = {name: value for name, value in answers.items() if f'name="{name}"' in shown.text}
        shown = await browser.client.post(
            path, data={**hidden_fields(shown.text), **sent, "do": "continue"}, follow_redirects=True
        )
    raise AssertionError(f"The form never reached {until}: {shown.url}")
