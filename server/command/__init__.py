"""Command line: `parvis …`, one small module per command, loaded only when asked for. Errors say what to do next."""

import importlib

import click
import msgspec

from server.errors import ServerError

COMMANDS = {
    "demo": "server.command.demo",
    "serve": "server.command.serve",
    "worker": "server.command.worker",
    "deploy": "server.command.deploy",
    "lint": "server.command.lint",
    "test": "server.command.scenarios",
    "migrate": "server.command.migrate",
    "doctor": "server.command.doctor",
    "connections": "server.command.connections",
    "documents": "server.command.documents",
    "user": "server.command.user",
    "link": "server.command.link",
    "cases": "server.command.cases",
    "feel": "server.command.feel",
    "decide": "server.command.decide",
}


class Parvis(click.Group):
    """Finds commands by name, and turns the errors of the floors into a sentence and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (ServerError, msgspec.ValidationError) as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            if _is_ours(error):
                raise click.ClickException(str(error)) from error
            raise


def _is_ours(error: Exception) -> bool:
    # Each floor has one tree of errors, in its own errors module; their messages are written to be read.
    ours = ("engine.errors", "accounts.errors", "desk.errors", "connectors.errors")
    return any(kind.__module__ in ours for kind in type(error).__mro__)


@click.command(cls=Parvis, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="parvis")
def main() -> None:
    """Parvis, the programmable front desk of a town hall.

    Settings come from the environment (docs/reference/settings.md). Without DATABASE_URL, Parvis starts its own
    databases.
    """
