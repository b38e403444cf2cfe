"""Fuzz target: any bytes as an expression, as cells and as a DMN file: `python -m tests.feel.fuzz`.

Ends with a trace at the first exception that is not ours; what was found so becomes a test.
"""

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["engine.feel", "engine.dmn"]):
    from engine.dmn import read_decisions
    from engine.errors import EngineError
    from engine.feel import compile_expression, compile_unary_tests
    from engine.feel.builtins import BUILTINS
    from engine.feel.checks import checks_of, constant_answer
    from engine.feel.printer import printed
    from engine.feel.trace import steps_of

from tests.feel.tables import a_table

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
VARIABLES = {"x": 1, "y": [1, {"a": "b"}], "z": {"a": {"b": 2.5}}, "s": "text"}
WORDS = (
    *("x", "y", "z.a.b", "s", "1", "2.5", "-7", '"a"', '"2026-11-24"', '"P1D"', "null", "true", "item", "partial", "?"),
    *("if ", " then ", " else ", "for ", " in ", " return ", "some ", "every ", " satisfies ", " and ", " or "),
    *(" between ", " instance of ", "function(", "number", "list<", ">", "(", ")", "[", "]", "{", "}", ":", ",", ".."),
    *(".", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", "@", "not(", "-", '"(a)|\\\\1"', "start included"),
    *(f"{name}(" for name in BUILTINS),
)


def tried(content: bytes) -> None:
    """One input: words of FEEL for even first bytes, so that most of it parses; raw text otherwise."""
    if content[:1] and content[0] % 2 == 0:
        text = "".join(WORDS[byte % len(WORDS)] for byte in content[1:80])
    else:
        text = content[1:].decode("utf-8", "replace")
    for compile_text in (compile_expression, compile_unary_tests):
        try:
            expression = compile_text(text)
            checks_of(expression)
            constant_answer(expression)
            expression.explain({**VARIABLES, "?": 3}, NOW)
            if compile_text is compile_expression:
                steps_of(expression, VARIABLES, NOW)
                compile_expression(printed(expression.node))
        except EngineError:
            continue
    for xml in (content, a_table(text, text, text)):
        try:
            decisions = read_decisions(xml)
            decisions.findings()
            decisions.evaluate("x", VARIABLES, NOW)
        except EngineError:
            continue


def main() -> None:
    """Runs until the time given on the command line is over."""
    atheris.Setup(sys.argv, tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
