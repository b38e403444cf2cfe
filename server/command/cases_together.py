"""What concerns all the cases of a procedure: moving them to another version, and their history as an event log."""

import getpass
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from rich.console import Console

from engine import batches, deployments, migrations, mining, xes
from engine.actor import Actor
from engine.errors import DeploymentUnknown
from engine.migration import Mover
from engine.xes import Names
from server.command.options import console, data_dir_option, in_town
from server.opened import Opened
from server.settings import read_settings

out = Console(highlight=False)
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("migrate")
@click.argument("procedure")
@click.option("--from", "source", type=int, required=True, metavar="VERSION", help="The version to leave.")
@click.option("--to", "target", type=int, required=True, metavar="VERSION", help="The version to reach.")
@click.option("--map", "mapped", multiple=True, metavar="OLD=NEW", help="An element that is called otherwise now.")
@click.option("--reason", help="Why; kept in the journal of each case.")
@click.option("--apply", "applied", is_flag=True, help="Move the cases; without it, only say which can move.")
@data_dir_option
def migrate(
    procedure: str,
    source: int,
    target: int,
    mapped: tuple[str, ...],
    reason: str | None,
    applied: bool,
    data_dir: Path | None,
) -> None:
    """Say which cases can go on with another version; with --apply, let them."""
    said = dict(read_pair(text) for text in mapped)

    async def work(town: Opened) -> None:
        mover = await migrations.mover_between(
            await version_of(procedure, source), await version_of(procedure, target), said
        )
        able = [verdict.instance_id for verdict in await judged(mover, town) if verdict.moves]
        if applied:
            await move_all(procedure, mover, said, able, reason or "", town)

    in_town(read_settings(data_dir=data_dir), work)


async def judged(mover: Mover, town: Opened) -> list[migrations.Verdict]:
    """The dry run, told line by line."""
    found = [verdict async for verdict in migrations.verdicts(mover, town.clock())]
    for verdict in found:
        why = " ".join(obstacle.sentence for obstacle in verdict.obstacles)
        out.print(f"{verdict.reference}  {'can move' if verdict.moves else 'stays: ' + why}", markup=False)
    counted = Counter(verdict.moves for verdict in found)
    console.print(f"{counted[True]} can move, {counted[False]} stay.")
    return found


async def move_all(
    procedure: str, mover: Mover, said: dict[str, str | None], able: list[UUID], reason: str, town: Opened
) -> None:
    """A batch, done here and now; what is interrupted is gone on with by the workers."""
    batch_id = await batches.begin(
        "migrate",
        able,
        reason=reason,
        by=Actor(kind="administrator", name=getpass.getuser()),
        now=town.clock(),
        parameters={"source": mover.old.hash, "target": mover.new.hash, "said": said},
        procedure=procedure,
    )
    while await batches.advance(50, town.clock()):
        pass
    batch = await batches.get(batch_id)
    for refused in await batches.refused(batch_id):
        why = " ".join(obstacle.sentence for obstacle in refused.obstacles)
        out.print(f"{refused.reference}  stays: {why}", markup=False)
    console.print(f"{batch.done} moved, {batch.refused} stayed.")


@click.command("export")
@click.argument("procedure")
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="The file (.xes) to write.")
@click.option("--since", type=DAY, help="Cases filed from this day on.")
@click.option("--until", type=DAY, help="Cases filed before this day.")
@click.option("--names", is_flag=True, help="With the names of people, instead of numbers.")
@data_dir_option
def export(
    procedure: str,
    output: TextIO,
    since: datetime | None,
    until: datetime | None,
    names: bool,
    data_dir: Path | None,
) -> None:
    """Write the history of cases as an event log (XES, IEEE 1849) for process mining."""

    async def work(town: Opened) -> None:
        if not await deployments.versions(procedure):
            raise DeploymentUnknown(f"No version of {procedure} was ever published.")
        told = Names(shown=names)
        count = 0
        opening, closing = list(xes.log([], procedure, told)), "</log>\n"
        output.write("".join(opening).removesuffix(closing))
        async for trace in mining.traces(procedure, day(since), day(until)):
            output.write("".join(xes.trace_text(trace, told)))
            count += 1
        output.write(closing)
        console.print(f"{count} cases written.")

    in_town(read_settings(data_dir=data_dir), work)


async def version_of(procedure: str, number: int) -> str:
    """The content hash of a version. Raises `DeploymentUnknown`."""
    for deployment in await deployments.versions(procedure):
        if deployment.version == number:
            return deployment.hash
    raise DeploymentUnknown(f"{procedure} has no version {number}.")


def read_pair(text: str) -> tuple[str, str | None]:
    """`OLD=NEW`; `OLD=` says that there is no counterpart."""
    old, sign, new = text.partition("=")
    if not sign or not old:
        raise click.BadParameter(f"Expected OLD=NEW but found {text}.")
    return old, new or None


def day(given: datetime | None) -> datetime | None:
    """The beginning of a day, in UTC."""
    return None if given is None else given.replace(tzinfo=UTC)
