"""`parvis test`: plays the scenarios of bundles (docs/reference/scenarios.md). Needs no database and no network."""

from pathlib import Path

import click
from rich.progress import track

from engine.scenarios import Report, run_all
from server.bundles import read_bundle
from server.command.options import console


@click.command("test")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Play the scenarios of bundles (folders or zips)."""
    reports = [run_all(read_bundle(path)) for path in track(paths, "Playing", console=console, transient=True)]
    for report in reports:
        _print(report)
    failed = sum(not result.passed for report in reports for result in report.results)
    if failed:
        raise click.ClickException(f"{failed} of {sum(len(report.results) for report in reports)} scenarios failed.")
    if empty := [report.slug for report in reports if not report.results]:
        raise click.ClickException(f"no scenario in {', '.join(empty)}: write one (docs/reference/scenarios.md).")


def _print(report: Report) -> None:
    passed = sum(result.passed for result in report.results)
    console.print(f"[bold]{report.slug}[/]  {passed} of {len(report.results)} scenarios pass")
    for result in report.results:
        if not result.passed:
            console.print(f"  [red]{result.name}[/] ({result.file}, step {result.failed_step})", markup=True)
            console.print(
                f"    {result.step}\n    expected {result.expected}\n    seen     {result.seen}", markup=False
            )
    if report.unreached:
        console.print(f"  [yellow]reached by no scenario:[/] {', '.join(report.unreached)}")
