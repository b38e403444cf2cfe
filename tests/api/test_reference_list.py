"""The list of routes in the documentation is that of the official client, and says of each whether it is served."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import camunda_orchestration_sdk.api as official
from litestar import Litestar

from tests.api.test_access import routes

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "orchestration-api.md"
LINE = re.compile(r"^\| `([A-Z]+) (/\S*)` \| (yes|no) \| (.+) \|$", re.MULTILINE)


def plain(path: str) -> str:
    """A path without the names of what is in it, which do not matter."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def official_routes() -> set[tuple[str, str]]:
    """(method, path) of everything the official client calls."""
    found: set[tuple[str, str]] = set()
    for module in pkgutil.walk_packages(official.__path__, f"{official.__name__}."):
        source: Any = importlib.import_module(module.name)
        text = Path(source.__file__).read_text()
        for method, path in re.findall(r'"method": "(\w+)",\s+"url": "([^"]+)"', text):
            found.add((method.upper(), plain(path)))
    return found


def test_every_route_of_the_official_client_is_in_the_list_and_those_that_are_served_are_said_to_be(
    application: Litestar,
) -> None:
    listed = {(method, plain(path)): said for method, path, said, _ in LINE.findall(PAGE.read_text())}
    served = {(method, plain(path).removeprefix("/v2")) for method, path, _ in routes(application) if "/v2/" in path}

    assert len(listed) > 180
    assert set(listed) == official_routes()
    assert {route for route, said in listed.items() if said == "yes"} == served
