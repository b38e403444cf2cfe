"""`parvis documents`: whether a file is one that the town issued, and the registers of numbers."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import click

from desk import registers, seals
from server.command.options import data_dir_option, in_town
from server.opened import Opened
from server.settings import read_settings


@click.group("documents")
def command() -> None:
    """What the town issued: check files, read the registers."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir_option
def check(files: tuple[Path, ...], data_dir: Path | None) -> None:
    """Tell whether files are exactly those the town issued; exit status 1 when one is not."""

    shown = {each: hashlib.sha256(each.read_bytes()).hexdigest() for each in files}

    async def work(town: Opened) -> bool:
        secret = town.settings.secret_key.encode()
        found = [await _check_one(path, sha256, secret) for path, sha256 in shown.items()]
        return all(found)

    if not in_town(read_settings(data_dir=data_dir), work):
        raise SystemExit(1)


@command.command("register")
@click.argument("kind")
@click.option("--year", type=click.IntRange(2000, 9999), help="This year, unless given.")
@data_dir_option
def register(kind: str, year: int | None, data_dir: Path | None) -> None:
    """List the numbers of a kind of documents, those that no document bears included."""

    async def work(town: Opened) -> None:
        for each in await registers.entries(kind, year or datetime.now(UTC).year):
            title = each.title or "(no document: the case was withdrawn, or its step is blocked)"
            click.echo(f"{each.number.written}  {each.taken_at:%Y-%m-%d}  {title}")

    in_town(read_settings(data_dir=data_dir), work)


async def _check_one(path: Path, sha256: str, secret: bytes) -> bool:
    proof = await seals.of_file(sha256, secret)
    if proof is None:
        click.echo(f"{path}: not issued by this town, or changed since (SHA-256 {sha256}).")
        return False
    if not proof.intact:
        click.echo(f"{path}: {proof.number}, but its line in the register was altered.")
        return False
    click.echo(f"{path}: {proof.number}, {proof.title}, issued on {proof.issued_at:%Y-%m-%d}, intact.")
    return True
