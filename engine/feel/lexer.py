"""Lexer: FEEL text to tokens (DMN 1.5, 10.3.1.2, rules 21 to 46, 61 to 66). Knows nothing of names made of several
tokens."""

import re

import msgspec

from engine.feel import limits
from engine.feel.problems import FeelSyntaxError
from engine.feel.sentences import expecting

_START = (
    "?A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff"
    "\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_SPACE = "\\s\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_TOKEN = re.compile(
    rf"""(?P<space>(?:[{_SPACE}]|//[^\n]*|/\*.*?\*/)+)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<name>[{_START}][{_START}0-9\u00b7\u0300-\u036f\u203f-\u2040]*)
    |(?P<symbol>\.\.|\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{{}},:.@'|;])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(msgspec.Struct, frozen=True):
    """One word of FEEL. `kind` is number, string, name, symbol or end; `text` is as written, strings unescaped."""

    kind: str
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, ending with one of kind `end`. Raises `FeelSyntaxError`."""
    if len(text) > limits.TEXT_LENGTH:
        raise FeelSyntaxError(
            text[:60], 0, [expecting("length", limits.TEXT_LENGTH)], expecting("characters", len(text))
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise FeelSyntaxError(text, position, [expecting("expression")], text[position])
        if found.lastgroup != "space":
            tokens.append(_token(found.lastgroup, found.group(), position, found.end()))
        position = found.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _token(kind: str, text: str, start: int, end: int) -> Token:
    return Token(kind, unescape(text[1:-1]) if kind == "string" else text, start, end)


def unescape(text: str) -> str:
    """The text that the inside of a string literal stands for. A backslash before any other character stays."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_unescaped, text)
    # Two \u escapes may write one character outside the basic plane as a surrogate pair.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str]) -> str:
    four, six, other = found.groups()
    if four or six:
        code = int(four or six, 16)
        return chr(code) if code < 0x110000 else found.group()
    return _ESCAPES.get(other, found.group())
