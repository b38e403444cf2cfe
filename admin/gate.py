"""Gate: what the deploy gate says of a bundle, in the reader's words. The rules are `engine.lint`'s; nothing is judged
here.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from accounts import departments
from connectors import connections
from connectors.available import town_catalogue
from connectors.catalogue import TownCatalogue
from engine import limited, lint
from engine.bundle import Bundle
from engine.errors import BundleRefused, ManifestInvalid
from engine.feel.sentences import Sentence
from web.pages import language


class SaidFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as people read it; `element` is what the editor highlights."""

    severity: str
    file: str
    element: str | None
    message: str
    way_out: str


async def judge(bundle: Bundle, provided: Mapping[str, str]) -> list[SaidFinding]:
    """Every finding, errors first. `provided`: slug → kind of the connections that the settings stand in for."""
    known = frozenset(one.slug for one in await departments.all_active())
    connectors = await town_catalogue()
    catalogue = TownCatalogue(known, connectors, await connections.usable(connectors, provided))
    # Reading the documents in a child process takes its time: other visitors must not wait for it.
    found = await asyncio.to_thread(lint.check, bundle, catalogue)
    return sorted((_said(finding) for finding in found), key=lambda finding: finding.severity != "error")


async def refuse_unsafe(files: Mapping[str, bytes]) -> None:
    """Let nothing in that no editor could open: torn, hostile, oversized XML. Raises `BundleRefused` with the file."""
    documents = {name: content for name, content in files.items() if name.endswith((".bpmn", ".dmn"))}
    for name, reason in (await asyncio.to_thread(limited.refusals, documents)).items():
        raise BundleRefused(reason, name)


def said_refusal(refused: Exception) -> str:
    """Why something was not taken, in the reader's words, with the file it is about."""
    match refused:
        case BundleRefused(reason=reason, file=file, parameters=parameters):
            said = _sentence(reason, parameters)
            return f"{file} : {said}" if file else said
        case ManifestInvalid(reason=reason, path=path):
            return f"manifest.json, {path} : {language.translate(reason)}"
        case _:
            return language.translate(str(refused))


def is_publishable(findings: list[SaidFinding]) -> bool:
    """Nothing that must be mended first."""
    return all(finding.severity != "error" for finding in findings)


def _said(finding: lint.Finding) -> SaidFinding:
    return SaidFinding(
        severity=finding.severity,
        file=finding.file,
        element=finding.element,
        message=_sentence(finding.message, finding.parameters),
        way_out=_sentence(finding.way_out, finding.parameters),
    )


def _sentence(message: str, parameters: dict[str, Any]) -> str:
    filled = {name: _word(value) for name, value in parameters.items()}
    return language.translate(message).format_map(filled) if parameters else language.translate(message)


def _word(value: Any) -> Any:
    """What FEEL and DMN say is a sentence of its own, in English until now; so is the advice of an unbuildable
    diagram.
    """
    if isinstance(value, Sentence):
        return value.says(language.translate)
    return language.translate(value) if isinstance(value, str) and value.endswith(".") else value
