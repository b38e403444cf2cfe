"""`parvis feel`: the value of an expression, and why it, or a part of it, is null. Needs no database."""

from pathlib import Path

import click

from engine.feel import compile_expression
from server.command.language_options import (
    context_option,
    now_option,
    print_problems,
    print_value,
    read_context,
    read_now,
    said_in,
)


@click.command("feel")
@click.argument("text", metavar="EXPR")
@context_option
@now_option
@said_in
def command(text: str, context: Path | None, now: str | None, language: str) -> None:
    """Evaluate a FEEL expression, with or without the = before it."""
    variables = read_context(context)
    expression = compile_expression(text.removeprefix("="), tuple(variables))
    explained = expression.explain(variables, read_now(now))
    print_value(explained.value)
    print_problems(explained.problems, expression.text, language)
