"""`parvis lint`: what the deploy gate says of bundles. Needs no database; changes nothing."""

from pathlib import Path

import click

from server.bundles import judge, print_judgement, read_bundle
from server.command.options import console


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings also make the exit status 1.")
def command(paths: tuple[Path, ...], strict: bool) -> None:
    """Check bundles (folders or zips)."""
    wrong = sum(print_judgement(console, judge(read_bundle(path)), strict=strict) for path in paths)
    if wrong:
        raise click.ClickException(f"{wrong} to mend before these bundles can be published.")
    console.print(f"{len(paths)} may be published.")
