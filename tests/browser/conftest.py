"""Fixtures of browser tests: a served town for the worker of the run, and people with a phone, a desktop, or a browser
without JavaScript.

`--screens FOLDER` keeps a picture of every page looked at.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from server.embedded import Servers
from tests.browser.served import ServedTown, serving
from tests.browser.visitor import Visitor, faults_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}

Meet = Callable[..., Visitor]


@pytest.fixture(scope="session")
def town(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTown]:
    """Saint-Martin-sur-Loire on its first Tuesday, served for this worker of the test run."""
    with serving(servers, tmp_path_factory.mktemp("town")) as served:
        yield served


@pytest.fixture(scope="module")
def chromium(town: ServedTown) -> Iterator[Browser]:
    """A browser. Of the module, so that its loop has ended before another module's asynchronous tests begin."""
    with sync_playwright() as playwright:
        options: dict[str, Any] = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        browser = playwright.chromium.launch(args=FLAGS, **options)
        yield browser
        browser.close()


@pytest.fixture
def meet(chromium: Browser, town: ServedTown, request: pytest.FixtureRequest) -> Iterator[Meet]:
    """Somebody new: `meet("desktop", **DESKTOP)`. At the end, no page that was looked at may have had a fault."""
    town.forgive()
    screens: str | None = request.config.getoption("--screens")
    met: list[Visitor] = []

    def somebody(name: str, *, scripts: bool = True, **screen: Any) -> Visitor:
        context = chromium.new_context(
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            **(screen or DESKTOP),
        )
        met.append(Visitor(town, context, name=name, screens=Path(screens) if screens else None, scripts=scripts))
        return met[-1]

    yield somebody
    faults = faults_of(met)
    for visitor in met:
        visitor.context.close()
    assert faults == []


@pytest.fixture
def phone(meet: Meet) -> Visitor:
    """Somebody with a small telephone."""
    return meet("phone", **PHONE)


@pytest.fixture
def desktop(meet: Meet) -> Visitor:
    """Somebody at a desk."""
    return meet("desktop")


@pytest.fixture
def without_javascript(meet: Meet) -> Visitor:
    """Somebody whose telephone runs no script."""
    return meet("no-script", scripts=False, **PHONE)
