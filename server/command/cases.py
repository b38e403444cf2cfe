"""`parvis cases`: look at running cases and act on them, each time with a reason that the journal keeps.

A case is named by its reference. What concerns all the cases of a procedure is in `cases_together`.
"""

import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
from rich.console import Console

from engine import cases, history, incidents, modifications, operations, suspensions
from engine.actor import Actor
from engine.commands import Activation
from engine.errors import CaseUnknown
from engine.operations import InstanceView
from server.command import cases_together
from server.command.options import console, data_dir_option, in_town
from server.opened import Opened
from server.settings import read_settings

out = Console(highlight=False)
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"])
reason_option = click.option("--reason", required=True, help="Why; kept in the journal of the case.")
reference_argument = click.argument("references", nargs=-1, required=True, metavar="REFERENCE…")


@click.group("cases")
def command() -> None:
    """Look at running cases and act on them."""


@command.command("show")
@reference_argument
@click.option("--at", "moment", type=MOMENT, help="As it was then (UTC).")
@data_dir_option
def show(references: tuple[str, ...], moment: datetime | None, data_dir: Path | None) -> None:
    """Where cases stand, with their variables; with --at, where they stood."""

    async def one(instance: InstanceView, town: Opened) -> None:
        out.print(f"[bold]{instance.slug}[/] version {instance.version}, {state_of(instance)}  {instance.id}")
        if moment is None:
            for position in await operations.positions_of(instance.id):
                out.print(f"  {position.token:>4}  {position.name} ({position.element}) {position.state}", markup=False)
            variables = await operations.variables_of(instance.id)
        else:
            then = await history.at_time(instance.id, moment.replace(tzinfo=UTC))
            for standing in then.elements:
                out.print(f"  {standing.token:>4}  {standing.name} ({standing.element})", markup=False)
            variables = then.variables
        out.print_json(msgspec.json.encode(variables, enc_hook=str).decode())

    each_instance(references, one, data_dir)


@command.command("history")
@reference_argument
@data_dir_option
def show_history(references: tuple[str, ...], data_dir: Path | None) -> None:
    """Which elements, when, by whom, on which version."""

    async def one(case_id: UUID, town: Opened) -> None:
        for visit in await history.visits(case_id):
            left = f"{visit.left_at:%Y-%m-%d %H:%M} {visit.left_by} ({visit.outcome})" if visit.left_at else "…"
            told = f"{visit.entered_at:%Y-%m-%d %H:%M} {visit.entered_by} → {left}"
            out.print(f"v{visit.version}  {visit.name} ({visit.element})  {told}", markup=False)

    each_case(references, one, data_dir)


@command.command("suspend")
@reference_argument
@reason_option
@data_dir_option
def suspend(references: tuple[str, ...], reason: str, data_dir: Path | None) -> None:
    """Let cases stand still until they are resumed."""

    async def one(case_id: UUID, town: Opened) -> None:
        await suspensions.suspend((await root_of(case_id)).id, reason, actor(), town.clock())

    each_case(references, one, data_dir, "is suspended")


@command.command("resume")
@reference_argument
@reason_option
@data_dir_option
def resume(references: tuple[str, ...], reason: str, data_dir: Path | None) -> None:
    """Let suspended cases go on; what is overdue is done at once."""

    async def one(case_id: UUID, town: Opened) -> None:
        await suspensions.resume((await root_of(case_id)).id, reason, actor(), town.clock())

    each_case(references, one, data_dir, "is resumed")


@command.command("cancel")
@reference_argument
@reason_option
@data_dir_option
def cancel(references: tuple[str, ...], reason: str, data_dir: Path | None) -> None:
    """End cases now; the reason is told to the applicant."""

    async def one(case_id: UUID, town: Opened) -> None:
        await cases.cancel(case_id, reason, actor(), town.clock())

    each_case(references, one, data_dir, "is cancelled")


@command.command("edit")
@reference_argument
@click.option("--set", "edits", multiple=True, required=True, metavar="NAME=JSON", help="May be repeated.")
@reason_option
@data_dir_option
def edit(references: tuple[str, ...], edits: tuple[str, ...], reason: str, data_dir: Path | None) -> None:
    """Edit variables: --set amount=12 --set 'note="paid at the desk"'."""
    variables = dict(read_edit(text) for text in edits)

    async def one(case_id: UUID, town: Opened) -> None:
        root = await root_of(case_id)
        await operations.set_variables(root.id, variables, reason, actor(), town.clock())

    each_case(references, one, data_dir, "is edited")


@command.command("move")
@reference_argument
@click.option("--begin", "begun", multiple=True, metavar="ELEMENT", help="Element to begin; may be repeated.")
@click.option("--end", "ended", multiple=True, metavar="ELEMENT", help="Element to end; may be repeated.")
@reason_option
@data_dir_option
def move(
    references: tuple[str, ...], begun: tuple[str, ...], ended: tuple[str, ...], reason: str, data_dir: Path | None
) -> None:
    """Begin elements and end what runs, whatever the diagram's flows say."""

    async def one(case_id: UUID, town: Opened) -> None:
        root = await root_of(case_id)
        tokens = await operations.tokens_at(root.id, ended)
        activations = [Activation(element=element) for element in begun]
        await modifications.modify(root.id, activations, tokens, reason=reason, by=actor(), now=town.clock())

    each_case(references, one, data_dir, "is changed")


@command.command("retry")
@reference_argument
@reason_option
@data_dir_option
def retry(references: tuple[str, ...], reason: str, data_dir: Path | None) -> None:
    """Try the blocked steps of cases again."""

    async def one(case_id: UUID, town: Opened) -> None:
        blocked = [incident.id for incident in await incidents.of_case(case_id) if incident.resolved_at is None]
        tried = await incidents.resolve_many(blocked, actor(), town.clock(), reason)
        left = [incident for incident in await incidents.of_case(case_id) if incident.resolved_at is None]
        console.print(f"{tried} tried, {len(left)} still blocked")

    each_case(references, one, data_dir)


command.add_command(cases_together.migrate)
command.add_command(cases_together.export)


def each_case(
    references: tuple[str, ...],
    one: Callable[[UUID, Opened], Awaitable[None]],
    data_dir: Path | None,
    said: str = "",
) -> None:
    """Do something with each case, each in a transaction of its own; the first refusal stops."""

    async def work(town: Opened) -> None:
        for reference in references:
            case = await cases.of_reference(reference)
            if case is None:
                raise CaseUnknown(f"No case has the reference {reference}.")
            await one(case.id, town)
            if said:
                console.print(f"{reference} {said}.")

    in_town(read_settings(data_dir=data_dir), work)


def each_instance(
    references: tuple[str, ...], one: Callable[[InstanceView, Opened], Awaitable[None]], data_dir: Path | None
) -> None:
    """Do something with each instance of each case."""

    async def all_of(case_id: UUID, town: Opened) -> None:
        for instance in await operations.instances_of(case_id):
            await one(instance, town)

    each_case(references, all_of, data_dir)


async def root_of(case_id: UUID) -> InstanceView:
    """The instance of the case itself."""
    return (await operations.instances_of(case_id))[0]


def state_of(instance: InstanceView) -> str:
    """The state of an instance, in a word."""
    return "suspended" if instance.status == "running" and instance.suspended_at else instance.status


def read_edit(text: str) -> tuple[str, Any]:
    """`NAME=JSON` as name and value."""
    name, sign, written = text.partition("=")
    if not sign or not name.strip():
        raise click.BadParameter(f"Expected NAME=JSON but found {text}.")
    try:
        return name.strip(), msgspec.json.decode(written)
    except msgspec.DecodeError as broken:
        raise click.BadParameter(f'{name}: this is not JSON ({broken}); a text is written "…".') from broken


def actor() -> Actor:
    """Who types the command."""
    return Actor(kind="administrator", name=getpass.getuser())
