"""`parvis decide`: the answer of a decision, with the rules that matched. Needs no database; changes nothing."""

from pathlib import Path

import click
import msgspec

from engine.dmn import Match, read_decisions
from server.command.language_options import (
    context_option,
    now_option,
    print_problems,
    print_value,
    read_context,
    read_now,
    said_in,
)
from server.command.options import console
from web.pages.language import translations


@click.command("decide")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--decision", default=None, metavar="ID", help="The decision, by id or name; may be left out for one.")
@context_option
@now_option
@said_in
def command(file: Path, decision: str | None, context: Path | None, now: str | None, language: str) -> None:
    """Decide with a DMN file, and say why."""
    siblings = [path.read_bytes() for path in sorted(file.parent.glob("*.dmn")) if path != file]
    decisions = read_decisions(file.read_bytes(), siblings)
    decided = decisions.evaluate(decision or _only(decisions.ids), read_context(context), read_now(now))
    print_value(decided.value)
    for match in decided.matches:
        console.print(_line(match, language), markup=False)
    print_problems(decided.problems, "", language)


def _only(ids: tuple[str, ...]) -> str:
    if len(ids) != 1:
        raise click.UsageError(f"Expected --decision with one of: {', '.join(ids)}.")
    return ids[0]


def _line(match: Match, language: str) -> str:
    inputs, outputs = (msgspec.json.encode(part, enc_hook=str).decode() for part in (match.inputs, match.outputs))
    because = f" ({match.annotation})" if match.annotation else ""
    told = translations(language).gettext("{table}, rule {rule}")
    return f"{told.format(table=match.table_name, rule=match.rule_index + 1)}: {inputs} → {outputs}{because}"
