"""`parvis doctor`: look at this installation and say what to do. Changes nothing; exit status 1 when something must be
mended.
"""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from server.command.options import data_dir_option
from server.health import Finding, look
from server.settings import read_settings

MARKS = {"good": "[green]good[/]", "note": "[yellow]note[/]", "bad": "[red]mend[/]"}


@click.command("doctor")
@data_dir_option
def command(data_dir: Path | None) -> None:
    """Check the installation and say what to do."""
    findings = asyncio.run(look(read_settings(data_dir=data_dir)))
    Console().print(_table(findings))
    if any(finding.state == "bad" for finding in findings):
        raise click.exceptions.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.subject, finding.says)
    return table
