"""Judging: the deploy gate's work in a limited child process (`engine.limited.nursery`), and how its findings come
back. What the town knows of connectors is asked where it is known.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine import lint
from engine.bundle import MANIFEST, Bundle
from engine.feel.sentences import Sentence, sentence_kept
from engine.lint.catalogue import Catalogue, Usable
from engine.lint.finding import Finding
from engine.manifest import read_manifest

Ask = Callable[[Any], Any]


class SentInput(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate must know of an input."""

    name: str
    required: bool
    choices: tuple[str, ...]
    is_header: bool


class SentTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate must know of a connector."""

    inputs: tuple[SentInput, ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle to be judged. `departments`, `connections` and `processes` are absent where they are not known."""

    slug: str
    hash: str
    files: dict[str, bytes]
    departments: list[str] | None
    connections: dict[str, Usable] | None
    processes: list[str] | None


class AskedCatalogue:
    """The town's catalogue, seen from the child: what it does not know it asks."""

    def __init__(self, departments: list[str] | None, connections: dict[str, Usable] | None, ask: Ask) -> None:
        self.departments = None if departments is None else frozenset(departments)
        self.connections = connections
        self._ask = ask
        self._known: dict[str, SentTemplate | None] = {}

    def of_type(self, job_type: str) -> SentTemplate | None:
        """The template of a job type."""
        if job_type not in self._known:
            self._known[job_type] = msgspec.convert(self._ask(job_type), SentTemplate | None)
        return self._known[job_type]


def request_for(bundle: Bundle, catalogue: Catalogue, processes: frozenset[str] | None) -> Request:
    """What the child is told."""
    departments, connections = catalogue.departments, catalogue.connections
    return Request(
        slug=bundle.slug,
        hash=bundle.hash,
        files=dict(bundle.files),
        departments=None if departments is None else sorted(departments),
        connections=None if connections is None else dict(connections),
        processes=None if processes is None else sorted(processes),
    )


def answer_from(catalogue: Catalogue, job_type: str) -> SentTemplate | None:
    """What the child wants to know of a job type."""
    template = catalogue.of_type(job_type)
    if template is None:
        return None
    return SentTemplate(
        inputs=tuple(
            SentInput(name=each.name, required=each.required, choices=tuple(each.choices), is_header=each.is_header)
            for each in template.inputs
        )
    )


def judged_for(asked: Any, ask: Ask) -> list[dict[str, Any]]:
    """In the child: every finding, as it is sent."""
    request = msgspec.convert(asked, Request)
    bundle = Bundle(request.slug, request.hash, read_manifest(request.files[MANIFEST]), request.files)
    processes = None if request.processes is None else frozenset(request.processes)
    found = lint.judged(bundle, AskedCatalogue(request.departments, request.connections, ask), processes)
    return [_sent(finding) for finding in found]


def findings_sent(sent: list[dict[str, Any]]) -> list[Finding]:
    """The findings that the child sent."""
    return [_received(each) for each in sent]


def _sent(finding: Finding) -> dict[str, Any]:
    told = finding.parameters
    sentences = {name: value.kept() for name, value in told.items() if isinstance(value, Sentence)}
    words = {name: _word(value) for name, value in told.items() if name not in sentences}
    return {**msgspec.structs.asdict(finding), "parameters": words, "sentences": sentences}


def _word(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _received(sent: Mapping[str, Any]) -> Finding:
    plain = dict(sent)
    sentences = {name: sentence_kept(kept) for name, kept in plain.pop("sentences").items()}
    plain["parameters"] = {**plain["parameters"], **sentences}
    return msgspec.convert(plain, Finding)
