"""Catalogue: the connectors that exist, read from their element templates: ours, those of installed packages, and those
an administrator added. The modeler draws its panels from the same documents, the deploy gate asks here which job types
and inputs are known, the connection form and the reference page are made from them. Never runs a connector: see
`connectors.runner`.

What the published format has no place for is under the key `parvis`, which the modeler never sees: `connection` (its
fields, or the `kind` it shares with another template), `errors`, `outputs`, `recipe` (a connector without code).
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from connectors.errors import TemplateBroken
from engine.lint.catalogue import Usable

HERE = Path(__file__).parent
OURS = "parvis"


class Field(msgspec.Struct, frozen=True, kw_only=True, rename={"name": "id"}):
    """One field of a connection's form, written like a property of an element template."""

    name: str
    label: str
    description: str = ""
    type: Literal["String", "Text", "Number", "Boolean", "Dropdown"] = "String"
    value: str | int | float | bool | None = None
    secret: bool = False
    constraints: dict[str, Any] = {}
    choices: tuple[dict[str, str], ...] = ()

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return bool(self.constraints.get("notEmpty"))

    def refusal(self, given: Any) -> str:
        """Why this value cannot be kept: `required`, `number`, `choice` or `pattern`; empty when it can."""
        if given in (None, ""):
            return "required" if self.required else ""
        if self.type == "Number" and not isinstance(given, int | float):
            return "number"
        if self.choices and given not in {each["value"] for each in self.choices}:
            return "choice"
        pattern = self.constraints.get("pattern")
        written = pattern.get("value") if isinstance(pattern, dict) else pattern
        return "pattern" if written and not re.fullmatch(written, str(given)) else ""


class ConnectionPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector needs to know of this town. `kind` is the template id that owns the fields; `default` the slug
    a step uses when it names none; `host_fields` hold addresses whose hosts may be called."""

    kind: str = ""
    default: str = ""
    fields: tuple[Field, ...] = ()
    host_fields: tuple[str, ...] = ()
    inbound: bool = False


class BusinessCode(msgspec.Struct, frozen=True, kw_only=True):
    """One modelled outcome; `means` in French, for the reference page."""

    code: str
    means: str


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A connector without code: one HTTP call. Values that begin with `=` are FEEL over `input`, `case`, `job`;
    `result` and `error` also over `response` (`status`, `headers`, `body`)."""

    method: str = "POST"
    path: str = ""
    headers: dict[str, str] = {}
    body: str = ""
    result: str = ""
    error: str = ""
    test: str = ""


class Beyond(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a template under the key `parvis`."""

    connection: ConnectionPart | None = None
    errors: tuple[BusinessCode, ...] = ()
    outputs: str = ""
    about: str = ""
    recipe: Recipe | None = None


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One input or header of a connector. `choices` are the only values it takes, when there are any; `choice_names`
    what people call them."""

    name: str
    label: str
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    choice_names: tuple[str, ...] = ()
    is_header: bool = False
    default: str = ""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One connector as its element template describes it; `document` is the template itself."""

    id: str
    name: str
    version: int
    job_type: str
    description: str
    inputs: tuple[Input, ...]
    document: dict[str, Any]
    beyond: Beyond = Beyond()

    @property
    def connection(self) -> ConnectionPart | None:
        """What it needs to know of this town, if anything."""
        return self.beyond.connection

    @property
    def kind(self) -> str:
        """The kind of connection it uses; empty when it uses none."""
        return "" if self.connection is None else self.connection.kind or self.id

    @property
    def is_job(self) -> bool:
        """Whether a step of a diagram can use it; a webhook that receives only has a connection."""
        return self.connection is None or not self.connection.inbound

    @property
    def required_inputs(self) -> frozenset[str]:
        """Names of the inputs that must be given."""
        return frozenset(each.name for each in self.inputs if each.required)

    @property
    def known_inputs(self) -> frozenset[str]:
        """Names of all inputs and headers."""
        return frozenset(each.name for each in self.inputs)


class Catalogue:
    """All templates, by job type. Built once from the connector folders; `Catalogue(templates)` in tests."""

    def __init__(self, templates: Iterable[Template]) -> None:
        found = tuple(templates)
        self.templates = {template.job_type: template for template in found if template.is_job}
        self.kinds = {each.id: each for each in found if each.connection is not None and each.connection.fields}

    @cached_property
    def job_types(self) -> frozenset[str]:
        """Every job type a connector of ours takes."""
        return frozenset(self.templates)

    def of_type(self, job_type: str) -> Template | None:
        """The template of a job type, or None: then only a remote worker can take it."""
        return self.templates.get(job_type)

    def documents(self) -> list[dict[str, Any]]:
        """The element templates as the published format knows them, for the modeler."""
        return [
            {key: part for key, part in template.document.items() if key != OURS}
            for template in self.templates.values()
        ]

    def with_more(self, templates: Iterable[Template]) -> "Catalogue":
        """These and more; a template of ours is never replaced by somebody else's."""
        more = [each for each in templates if each.job_type not in self.templates and each.id not in self.kinds]
        owners = [each for each in self.kinds.values() if not each.is_job]
        return Catalogue([*self.templates.values(), *owners, *more])


class TownCatalogue:
    """What a bundle may name in one town, for the deploy gate: our connectors and, if they are known, its departments
    and connections by job type (None: not known, then not checked)."""

    def __init__(
        self,
        departments: frozenset[str] | None,
        connectors: Catalogue | None = None,
        connections: Mapping[str, Usable] | None = None,
    ) -> None:
        self.departments, self.connections = departments, connections
        self._connectors = connectors or load_catalogue()

    @property
    def job_types(self) -> frozenset[str]:
        """The job types that connectors take."""
        return self._connectors.job_types

    def of_type(self, job_type: str) -> Template | None:
        """The template of a job type, or None."""
        return self._connectors.of_type(job_type)


def load_catalogue(folder: Path = HERE) -> Catalogue:
    """The catalogue of the connectors in a folder (`*/template.json`). Raises `TemplateBroken`."""
    return Catalogue(read_template(path) for path in sorted(folder.glob("*/template.json")))


def read_template(path: Path) -> Template:
    """One element template. Raises `TemplateBroken` when it is not one or names no job type."""
    return template_of(path.read_bytes(), f"{path.parent.name}/{path.name}")


def template_of(content: bytes, name: str) -> Template:
    """One element template from its JSON. Raises `TemplateBroken`, which names it `name`."""
    try:
        document = msgspec.json.decode(content, type=dict[str, Any])
        beyond = msgspec.convert(document.get(OURS, {}), Beyond)
        properties = document["properties"]
        inbound = beyond.connection is not None and beyond.connection.inbound
        types = (each["value"] for each in properties if _binding(each) == ("zeebe:taskDefinition", "type"))
        return Template(
            id=document["id"],
            name=document["name"],
            version=document.get("version", 1),
            job_type=document["id"] if inbound else next(types),
            description=document.get("description", ""),
            inputs=tuple(
                _input(each) for each in properties if each["binding"]["type"] in ("zeebe:input", "zeebe:taskHeader")
            ),
            document=document,
            beyond=beyond,
        )
    except (msgspec.DecodeError, KeyError, StopIteration, TypeError, AttributeError, RecursionError) as error:
        raise TemplateBroken(f"{name} is not an element template with a job type.") from error


def _binding(part: dict[str, Any]) -> tuple[str, str]:
    return part["binding"]["type"], part["binding"].get("property", "type")


def _input(part: dict[str, Any]) -> Input:
    binding = part["binding"]
    return Input(
        name=binding.get("name") or binding["key"],
        label=part.get("label", ""),
        description=part.get("description", ""),
        default=str(part.get("value", "") or ""),
        required=bool(part.get("constraints", {}).get("notEmpty")) and not part.get("optional", False),
        choices=tuple(choice["value"] for choice in part.get("choices", ())),
        choice_names=tuple(choice.get("name", choice["value"]) for choice in part.get("choices", ())),
        is_header=binding["type"] == "zeebe:taskHeader",
    )
