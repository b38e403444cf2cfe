"""Definition: the parsed BPMN, DMN and forms of one bundle. Immutable, keyed by the bundle's hash, shared by every
instance of it.

Never runs anything: `engine.instance` does. `findings` tells everything that keeps a bundle from being built, at
once.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

from engine.bpmn.errors import DefinitionRefused, ElementFailed
from engine.bpmn.parser.findings import Finding
from engine.bpmn.parser.reading import Diagrams, read_diagrams
from engine.bpmn.runtime.model import Model
from engine.decisions import DecisionBook, read_decision_files
from engine.elements import Element
from engine.manifest import Manifest
from engine.script import ScriptFailed, run_python

# Definitions kept in memory; one is some hundred kilobytes.
KEPT = 64


class Files(Protocol):
    """What a definition is built from: a bundle."""

    @property
    def hash(self) -> str: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def files(self) -> Mapping[str, bytes]: ...


class FormSource(msgspec.Struct, frozen=True):
    """The files of one form: its JSON Schema, its UI schema and its translations."""

    schema: dict[str, Any]
    ui: dict[str, Any] | None = None
    translations: dict[str, str] = {}


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a procedure, ready to run."""

    hash: str
    manifest: Manifest
    processes: tuple[str, ...]
    main_process: str
    elements: Mapping[str, Element]
    decisions: DecisionBook
    forms: Mapping[str, FormSource]
    letters: Mapping[str, str]
    sources: Mapping[str, bytes]
    decision_sources: Mapping[str, bytes]
    process_files: Mapping[str, str]
    version_tags: Mapping[str, str] = {}
    model: Model
    calls: bool = False
    """Whether a call activity may start other instances."""

    def source_xml(self, process: str) -> bytes:
        """The diagram that holds the process. Raises KeyError for a process of another bundle."""
        return self.sources[self.process_files[process]]


_built: OrderedDict[str, Definition] = OrderedDict()
_lock = Lock()


def build(bundle: Files) -> Definition:
    """The definition of a bundle; the same object for the same hash. Raises `DefinitionRefused` with every finding."""
    with _lock:
        if bundle.hash in _built:
            _built.move_to_end(bundle.hash)
            return _built[bundle.hash]
    definition, found = _read(bundle)
    if definition is None:
        raise DefinitionRefused(found)
    with _lock:
        kept = _built.setdefault(bundle.hash, definition)
        while len(_built) > KEPT:
            _built.popitem(last=False)
    return kept


def findings(bundle: Files) -> tuple[Finding, ...]:
    """Everything that keeps the bundle from being built; empty when it can be."""
    return _read(bundle)[1]


def _read(bundle: Files) -> tuple[Definition | None, tuple[Finding, ...]]:
    manifest = bundle.manifest
    diagrams = read_diagrams(_ending(bundle, ".bpmn"), manifest.lanes, manifest.department)
    decisions, of_decisions = read_decision_files(_ending(bundle, ".dmn"))
    found = (*diagrams.findings, *of_decisions, *_missing_process(diagrams, manifest))
    if found:
        return None, found
    model = Model(dict(diagrams.specs), diagrams.processes, decisions.decide, _run_python)
    definition = Definition(
        hash=bundle.hash,
        manifest=manifest,
        processes=diagrams.processes,
        main_process=manifest.process,
        elements=MappingProxyType(dict(diagrams.elements)),
        decisions=decisions,
        forms=MappingProxyType(_forms(bundle.files)),
        letters=MappingProxyType(_letters(bundle.files)),
        sources=MappingProxyType(_ending(bundle, ".bpmn")),
        decision_sources=MappingProxyType(_ending(bundle, ".dmn")),
        process_files=diagrams.process_files,
        version_tags=diagrams.version_tags,
        model=model,
        calls=any(element.kind == "callActivity" for element in diagrams.elements.values()),
    )
    return definition, ()


def _run_python(source: str, variables: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    try:
        return run_python(source, variables, now)
    except ScriptFailed as failure:
        raise ElementFailed("script", failure.sentence) from failure


def _missing_process(diagrams: Diagrams, manifest: Manifest) -> tuple[Finding, ...]:
    if manifest.process in diagrams.processes or diagrams.findings:
        return ()
    message = f"The manifest names the process “{manifest.process}”, but no diagram holds it."
    return (Finding(None, "main-process", message, "Correct the manifest, or the id of the process.", "manifest.json"),)


def _ending(bundle: Files, suffix: str) -> dict[str, bytes]:
    return {name: content for name, content in sorted(bundle.files.items()) if name.endswith(suffix)}


def _forms(files: Mapping[str, bytes]) -> dict[str, FormSource]:
    found: dict[str, FormSource] = {}
    for name, content in files.items():
        form = name.removeprefix("forms/").removesuffix(".schema.json")
        if name == f"forms/{form}.schema.json":
            ui, english = files.get(f"forms/{form}.ui.json"), files.get(f"forms/{form}.en.json")
            found[form] = FormSource(
                schema=msgspec.json.decode(content, type=dict[str, Any]),
                ui=None if ui is None else msgspec.json.decode(ui, type=dict[str, Any]),
                translations={} if english is None else msgspec.json.decode(english, type=dict[str, str]),
            )
    return found


def _letters(files: Mapping[str, bytes]) -> dict[str, str]:
    """Letters by name and language: `confirmation.fr`."""
    prefix, suffix = "letters/", ".txt"
    return {
        name.removeprefix(prefix).removesuffix(suffix): content.decode()
        for name, content in files.items()
        if name.startswith(prefix) and name.endswith(suffix)
    }
