"""`parvis demo`: serve a town that lives: Saint-Martin-sur-Loire, its agents, and months of cases played through the
engine.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from engine import deployments
from engine.actor import SYSTEM
from server.bundles import read_bundle
from server.command.options import console, data_dir_option
from server.command.serve import serve
from server.opened import Opened
from server.settings import read_settings
from server.town.geocoder import Geocoder
from server.town.life import DAYS, play
from server.town.place import COLLEAGUES, PASSWORD, settle
from server.working import working

PROCESSES = Path(__file__).parents[2] / "processes"
BEFORE = timedelta(days=DAYS + 1)
"""The procedures were there before the town's first request."""


@click.command("demo")
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@data_dir_option
def command(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Serve a demo town, filled while it serves. Its accounts are printed here."""
    settings = read_settings(host=host, port=port, data_dir=data_dir)
    print_accounts(settings.public_url)
    with Geocoder() as geocoder:
        outgoing = msgspec.structs.replace(settings.outgoing, geocoder=geocoder.url)
        # The real clock's worker begins once the past is played: it would do the past's work today.
        serve(msgspec.structs.replace(settings, outgoing=outgoing), with_worker=False, beside=[fill])


async def fill(town: Opened) -> None:
    """Settle the departments and agents, publish the procedures, play the past; only what is missing. Then work as any
    town.
    """
    await settle(town.clock())
    await put_in_service(town)
    console.print("The agents have settled and the procedures are in service: you may sign in.")
    await play(town, console)
    async with working(town):
        await asyncio.Event().wait()


async def put_in_service(town: Opened) -> None:
    """Publish the bundles of `processes/` that this town never had; what its administrators have changed since
    stays.
    """
    for folder in sorted(path for path in PROCESSES.iterdir() if (path / "manifest.json").is_file()):
        bundle = read_bundle(folder)
        if not await deployments.versions(bundle.slug):
            await deployments.publish(bundle, SYSTEM, town.clock() - BEFORE)


def print_accounts(address: str) -> None:
    """Say where to look and whom to sign in as."""
    console.print(f"\n[bold]Saint-Martin-sur-Loire[/]\n  Citizens   {address}/\n  Agents     {address}/connexion")
    console.print(f"  Password of every account below: [bold]{PASSWORD}[/]\n")
    for colleague in COLLEAGUES:
        what = ", ".join([*sorted(colleague.roles), *(f"supervises {slug}" for slug in colleague.supervises)])
        console.print(f"  {colleague.email:<52} {what or ', '.join(colleague.works_in)}")
    console.print()
