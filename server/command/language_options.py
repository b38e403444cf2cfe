"""What `parvis feel` and `parvis decide` share: variables, the moment, the language, how values are shown."""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import msgspec

from engine.deadlines import town_time
from engine.feel import Problem
from engine.feel.json import to_json
from engine.feel.problems import ToldError
from engine.feel.sentences import place_in
from server.command.options import console
from web.pages.language import translations

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def context_option(command: Decorated) -> Decorated:
    """Add `--context`."""
    return click.option(
        "--context",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help="JSON file of the variables; - reads them from the standard input.",
    )(command)


def now_option(command: Decorated) -> Decorated:
    """Add `--now`."""
    return click.option("--now", metavar="ISO", help="The moment to evaluate at, such as 2026-11-24T09:00:00Z.")(
        command
    )


def said_in(command: Decorated) -> Decorated:
    """Add `--language`, in which a refusal is said too."""

    @wraps(command)
    def told(*arguments: Any, language: str, **options: Any) -> Any:
        try:
            return command(*arguments, language=language, **options)
        except ToldError as refused:
            raise click.ClickException(refused.sentence.says(translations(language).gettext)) from refused

    option = click.option("--language", type=click.Choice(["en", "fr"]), default="en", help="Of the explanation.")
    return cast(Decorated, option(told))


def read_context(path: Path | None) -> dict[str, Any]:
    """The variables of a JSON file."""
    if path is None:
        return {}
    content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError as broken:
        raise click.ClickException(f"Expected a JSON object in {path}, but: {broken}") from broken


def read_now(text: str | None) -> datetime:
    """The moment asked for, else the clock's, in the time of the town."""
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError as broken:
        raise click.ClickException(f"Expected a date and time, but: {broken}") from broken
    return town_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def print_value(value: Any) -> None:
    """The value as JSON on the standard output; temporal values are their text."""
    click.echo(msgspec.json.format(msgspec.json.encode(to_json(value)), indent=2).decode())


def print_problems(problems: Iterable[Problem], text: str, language: str) -> None:
    """Why something is null, one line each, on the standard error; with the place where there is a text."""
    for problem in dict.fromkeys(problems):
        line, column = place_in(text, problem.position)
        place = f"{line}:{column} " if text else ""
        console.print(f"{place}{problem.sentence.says(translations(language).gettext)}", markup=False)
