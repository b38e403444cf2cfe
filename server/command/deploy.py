"""`parvis deploy`: check a bundle and put it in service as a new version; the same content stays the same version."""

import getpass
from pathlib import Path

import click

from accounts import departments
from connectors import connections, wiring
from connectors.available import town_catalogue
from engine import deployments
from engine.actor import Actor
from engine.bundle import Bundle
from server.bundles import judge, print_judgement, read_bundle
from server.command.options import console, data_dir_option, in_town
from server.opened import Opened
from server.settings import read_settings


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@data_dir_option
def command(paths: tuple[Path, ...], data_dir: Path | None) -> None:
    """Publish bundles (folders or zips)."""
    bundles = [read_bundle(path) for path in paths]
    by = Actor(kind="administrator", name=getpass.getuser())

    settings = read_settings(data_dir=data_dir)

    async def work(town: Opened) -> None:
        known = frozenset(department.slug for department in await departments.all_active())
        # A town that has no department yet may publish first and add them afterwards.
        connectors = await town_catalogue()
        there = await connections.usable(connectors, wiring.provided_by(wiring.connections_of(settings)))
        judged = (judge(bundle, known or None, connectors, there) for bundle in bundles)
        wrong = sum(print_judgement(console, each) for each in judged)
        if wrong:
            raise click.ClickException(f"{wrong} to mend first; nothing was published.")
        for bundle in bundles:
            await _publish(bundle, by, town)

    in_town(settings, work)


async def _publish(bundle: Bundle, by: Actor, town: Opened) -> None:
    deployment = await deployments.publish(bundle, by, town.clock())
    console.print(f"[bold]{deployment.slug}[/] version {deployment.version} is in service.")
