"""Available: every connector this process can run: ours, those of installed packages (entry point `parvis.connectors`),
and those an administrator added without code. Asked by the runner before it leases, by the deploy gate and the modeler.

A package names in its entry point an object with `TEMPLATE` (the path of its element template, or its document) and
`connector(tools)`. One that does not load is left out and named in `broken`.
"""

import time
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec
import structlog

from connectors import town_templates
from connectors.catalogue import Catalogue, Template, load_catalogue, read_template, template_of
from connectors.errors import TemplateBroken
from connectors.recipes import RecipeConnector
from engine.connector import Connector, Tools

GROUP = "parvis.connectors"
FRESH_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """One connector of a package: its template and how to build it."""

    package: str
    template: Template
    build: Callable[[Tools], Connector]


class Available:
    """`ours` and `packages` do not change while we run; templates of the town do, and are read again now and then."""

    def __init__(
        self, catalogue: Catalogue, ours: Mapping[str, Connector], tools: Tools, packages: tuple[Installed, ...] = ()
    ) -> None:
        self.tools = tools
        self.fixed = catalogue.with_more(each.template for each in packages)
        built = {each.template.job_type: each.build(tools) for each in packages}
        self.built = {**{name: each for name, each in built.items() if name in self.fixed.templates}, **ours}
        self.catalogue, self.connectors = self.fixed, dict(self.built)
        self._read_at: float | None = None

    def look_again(self) -> None:
        """Ask the database at the next refresh, however short ago it was asked."""
        self._read_at = None

    async def refresh(self) -> Mapping[str, Connector]:
        """The connectors by job type, with those added since; the database is asked every two seconds at most."""
        moment = time.monotonic()
        if self._read_at is None or moment - self._read_at >= FRESH_SECONDS:
            self.catalogue = self.fixed.with_more(await town_templates.active())
            added = {name: each for name, each in self.catalogue.templates.items() if name not in self.built}
            recipes = {name: RecipeConnector(each, self.tools) for name, each in added.items() if each.beyond.recipe}
            self.connectors = {**self.built, **recipes}
            self._read_at = moment
        return self.connectors


async def town_catalogue(fixed: Catalogue | None = None) -> Catalogue:
    """Every template a bundle may use in this town now."""
    base = fixed or fixed_catalogue()
    return base.with_more(await town_templates.active())


def fixed_catalogue() -> Catalogue:
    """The templates that come with Parvis and with installed packages."""
    return load_catalogue().with_more(each.template for each in installed()[0])


def installed() -> tuple[tuple[Installed, ...], tuple[str, ...]]:
    """The connectors of installed packages, and the names of those that did not load."""
    found: list[Installed] = []
    broken: list[str] = []
    for each in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            offered = each.load()
            package = each.dist.name if each.dist else each.name
            template = _template(offered.TEMPLATE, package)
            found.append(Installed(package=package, template=template, build=offered.connector))
        except Exception as failure:  # somebody else's code: it must not keep the town from its own connectors
            log.error("connector_not_loaded", name=each.name, reason=type(failure).__name__)
            broken.append(each.name)
    return tuple(found), tuple(broken)


def _template(given: Any, package: str) -> Template:
    template = (
        template_of(msgspec.json.encode(given), package) if isinstance(given, dict) else read_template(Path(given))
    )
    if template.job_type.startswith("parvis:") or template.id.startswith("parvis."):
        raise TemplateBroken(f"The package {package} names its connector like one of ours.")
    return template
