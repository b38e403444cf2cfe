"""Text of diagrams: an attribute that starts with `=` is FEEL, anything else is the text itself."""

from engine.feel.expression import Expression, compile_expression


def read_value(text: str, names: tuple[str, ...] = ()) -> Expression | str:
    """A compiled expression for `= FEEL`, else the literal text. Raises `FeelSyntaxError`."""
    return compile_expression(text[1:].strip(), names) if text.startswith("=") else text
