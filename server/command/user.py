"""`parvis user add`: the first administrator, and any agent when no page is at hand."""

from pathlib import Path
from typing import get_args

import click

from accounts import passwords, people
from accounts.permissions import Role
from server.command.options import console, data_dir_option, in_town
from server.opened import Opened
from server.settings import read_settings


@click.group("user")
def command() -> None:
    """Manage the people who work for the town."""


@command.command("add")
@click.option("--name", prompt="Name", help="As colleagues and citizens will read it.")
@click.option("--email", prompt="E-mail address", help="The address to sign in with.")
@click.option("--role", "roles", multiple=True, type=click.Choice(get_args(Role)), help="May be repeated.")
@click.option("--department", "departments", multiple=True, help="Slug of a department; may be repeated.")
@click.option("--supervises", multiple=True, help="Slug of a department this person answers for; may be repeated.")
@click.option("--password", help="Asked for when absent, so that it stays out of the shell's history.")
@data_dir_option
def add(
    name: str,
    email: str,
    roles: tuple[Role, ...],
    departments: tuple[str, ...],
    supervises: tuple[str, ...],
    password: str | None,
    data_dir: Path | None,
) -> None:
    """Add an agent, with a password to sign in with."""
    chosen = password or click.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    passwords.check(chosen, email=email)

    async def work(town: Opened) -> None:
        await people.add(
            name=name,
            email=email,
            now=town.clock(),
            password_hash=await passwords.hash_password(chosen),
            roles=roles,
            departments={*departments, *supervises},
            supervises=supervises,
        )

    in_town(read_settings(data_dir=data_dir), work)
    console.print(f"{email} may now sign in.")
