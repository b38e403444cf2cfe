"""Catalogue: the connectors that exist, read from their element templates. The modeler draws its panels from the
same documents,
the deploy gate asks here which job types and inputs are known. Never runs a connector: see `connectors.runner`."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from connectors.errors import TemplateBroken

HERE = Path(__file__).parent


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One input or header of a connector. `choices` are the only values it takes, when there are any."""

    name: str
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    is_header: bool = False


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One connector as its element template describes it; `document` is the template itself."""

    id: str
    name: str
    version: int
    job_type: str
    description: str
    inputs: tuple[Input, ...]
    document: dict[str, Any]

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
        self.templates = {template.job_type: template for template in templates}

    @cached_property
    def job_types(self) -> frozenset[str]:
        """Every job type a connector of ours takes."""
        return frozenset(self.templates)

    def of_type(self, job_type: str) -> Template | None:
        """The template of a job type, or None: then only a remote worker can take it."""
        return self.templates.get(job_type)

    def documents(self) -> list[dict[str, Any]]:
        """The element templates, for the modeler."""
        return [template.document for template in self.templates.values()]


class TownCatalogue:
    """What a bundle may name in one town, for the deploy gate: our connectors and, if they are known, its departments
    (`departments` None: not known, then not checked)."""

    def __init__(self, departments: frozenset[str] | None, connectors: Catalogue | None = None) -> None:
        self.departments = departments
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
    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        properties = document["properties"]
        job_type = next(each["value"] for each in properties if _binding(each) == ("zeebe:taskDefinition", "type"))
        return Template(
            id=document["id"],
            name=document["name"],
            version=document.get("version", 1),
            job_type=job_type,
            description=document.get("description", ""),
            inputs=tuple(
                _input(each) for each in properties if each["binding"]["type"] in ("zeebe:input", "zeebe:taskHeader")
            ),
            document=document,
        )
    except (msgspec.DecodeError, KeyError, StopIteration, TypeError) as error:
        raise TemplateBroken(f"{path.parent.name}/{path.name} is not an element template with a job type.") from error


def _binding(part: dict[str, Any]) -> tuple[str, str]:
    return part["binding"]["type"], part["binding"].get("property", "type")


def _input(part: dict[str, Any]) -> Input:
    binding = part["binding"]
    return Input(
        name=binding.get("name") or binding["key"],
        label=part.get("label", ""),
        required=bool(part.get("constraints", {}).get("notEmpty")) and not part.get("optional", False),
        choices=tuple(choice["value"] for choice in part.get("choices", ())),
        is_header=binding["type"] == "zeebe:taskHeader",
    )
