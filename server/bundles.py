"""Bundles: reading them from a path and judging them, for the commands. The rules are `engine.lint`'s."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from connectors.available import fixed_catalogue
from connectors.catalogue import Catalogue, TownCatalogue
from engine import lint
from engine.bundle import Bundle, read_folder, read_zip
from engine.lint import Finding, Usable


class Judgement(msgspec.Struct, frozen=True):
    """A bundle with what the deploy gate found."""

    bundle: Bundle
    findings: tuple[Finding, ...]


def read_bundle(path: Path) -> Bundle:
    """The bundle in a folder or a zip file. Raises `BundleRefused` or `ManifestInvalid`."""
    return read_folder(path) if path.is_dir() else read_zip(path.read_bytes())


def judge(
    bundle: Bundle,
    departments: frozenset[str] | None = None,
    connectors: Catalogue | None = None,
    connections: Mapping[str, Usable] | None = None,
) -> Judgement:
    """Ask the deploy gate; without `departments` or `connections`, none is required to exist."""
    town = TownCatalogue(departments, connectors or fixed_catalogue(), connections)
    return Judgement(bundle, tuple(lint.check(bundle, town)))


def print_judgement(console: Console, judgement: Judgement, *, strict: bool = False) -> int:
    """Print what was found; return how much of it keeps the bundle from being published (`strict`: all of it)."""
    console.print(f"[bold]{escape(judgement.bundle.slug)}[/]")
    _print(console, judgement.findings)
    return sum(strict or finding.severity == "error" for finding in judgement.findings)


def _print(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark = "[red]error[/]  " if finding.severity == "error" else "[yellow]warning[/]"
        place = " ".join(filter(None, (finding.file, finding.element)))
        console.print(f"  {mark} {escape(place)}: {escape(_fill(finding.message, finding))} [dim]({finding.rule})[/]")
        console.print(f"          {escape(_fill(finding.way_out, finding))}")


def _fill(text: str, finding: Finding) -> str:
    return text.format_map(finding.parameters) if finding.parameters else text
