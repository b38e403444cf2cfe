"""Gate: what the deploy gate says of a bundle, in the reader's words. The rules are `engine.lint`'s; nothing is judged
here.
"""

from typing import Any

import msgspec

from accounts import departments
from connectors.catalogue import Catalogue, load_catalogue
from engine import lint
from engine.bundle import Bundle
from web.pages import language


class TownCatalogue:
    """What a bundle may name in this town: connectors, departments."""

    def __init__(self, connectors: Catalogue, slugs: frozenset[str]) -> None:
        self.connectors = connectors
        self.departments: frozenset[str] | None = slugs

    @property
    def job_types(self) -> frozenset[str]:
        """The job types that connectors take."""
        return self.connectors.job_types

    def of_type(self, job_type: str) -> Any:
        """The template of a job type, or None."""
        return self.connectors.of_type(job_type)


class SaidFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as people read it; `element` is what the editor highlights."""

    severity: str
    file: str
    element: str | None
    message: str
    way_out: str


async def judge(bundle: Bundle) -> list[SaidFinding]:
    """Every finding, errors first."""
    catalogue = TownCatalogue(load_catalogue(), frozenset(one.slug for one in await departments.all_active()))
    found = lint.check(bundle, catalogue)
    return sorted((_said(finding) for finding in found), key=lambda finding: finding.severity != "error")


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
    return language.translate(message).format_map(parameters) if parameters else language.translate(message)
