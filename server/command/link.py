"""`parvis link PROCEDURE name=value…`: a link that begins a procedure with first answers, signed by the town."""

from datetime import timedelta
from pathlib import Path

import click

from server.clock import wall_clock
from server.command.options import data_dir_option
from server.settings import read_settings, with_secret_key
from web.pages.signed_links import sign


@click.command("link")
@click.argument("procedure")
@click.argument("values", nargs=-1, metavar="NAME=VALUE…")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long the link works.")
@data_dir_option
def command(procedure: str, values: tuple[str, ...], days: int, data_dir: Path | None) -> None:
    """Write the link of a procedure whose questions begin with these answers (option `prefill: link.NAME`)."""
    if wrong := [each for each in values if "=" not in each]:
        raise click.BadParameter(f"Expected NAME=VALUE, but found “{wrong[0]}”.")
    settings = with_secret_key(read_settings(data_dir=data_dir))
    until = wall_clock() + timedelta(days=days)
    given = dict(each.split("=", 1) for each in values)
    signed = sign(settings.secret_key.encode(), f"prefill:{procedure}", until, given)
    click.echo(f"{settings.public_url}/demarches/{procedure}?avec={signed}")
