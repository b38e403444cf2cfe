"""Token reader: the place in the tokens of one text, and what may be taken from there. Base of the parsers."""

from collections.abc import Mapping

from engine.feel.lexer import Token, tokens_of
from engine.feel.names import NameBook, joined
from engine.feel.problems import FeelSyntaxError
from engine.feel.sentences import Sentence, expecting
from engine.feel.types import Type

# What a name may hold besides words and numbers (DMN 1.5, rule 29).
NAME_SYMBOLS = ("-", "'", "/", "+", "*")


class TokenReader:
    """Reads one text from left to right. `names` and `types` are what the text may refer to."""

    def __init__(self, text: str, names: NameBook, types: Mapping[str, Type]) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.index = 0
        self.names = names
        self.types = types

    @property
    def token(self) -> Token:
        """The current token."""
        return self.tokens[self.index]

    def at(self, *texts: str) -> bool:
        """Whether the current token is one of these symbols or words."""
        token = self.token
        return token.text in texts and token.kind in ("symbol", "name")

    def accept(self, *texts: str) -> bool:
        """Takes the current token if it is one of these."""
        if not self.at(*texts):
            return False
        self.index += 1
        return True

    def expect(self, *texts: str) -> None:
        """Takes one of these tokens; raises `FeelSyntaxError` when there is another."""
        if not self.accept(*texts):
            raise self.error(*(expecting("word", text) for text in texts))

    def expect_end(self) -> None:
        """Makes sure that nothing is left to read."""
        if self.token.kind != "end":
            raise self.error(expecting("operator"), expecting("end"))

    def error(self, *expected: Sentence) -> FeelSyntaxError:
        """The error that says what was expected here."""
        return FeelSyntaxError(self.text, self.token.start, expected, self.token.text)

    def entry_name(self) -> str:
        """Takes the name of an entry, after a dot."""
        known = self.names.longest_at(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return known[0]
        if self.token.kind != "name":
            raise self.error(expecting("entry"))
        self.index += 1
        return self.tokens[self.index - 1].text

    def name_before_colon(self) -> str | None:
        """Takes the name of a named argument with its colon, if there is one."""
        end = self.index
        while self.tokens[end].kind in ("name", "number") or self.tokens[end].text in ("-", "'", "/", "+", "*"):
            end += 1
        if self.tokens[end].text != ":" or self.tokens[end].kind == "string" or end == self.index:
            return None
        name = joined(self.tokens[self.index : end])
        self.index = end + 1
        return name

    def name_until(self, *stops: str) -> str:
        """Takes a name that the text introduces, up to one of these tokens, and learns it."""
        start = self.index
        while not self.at(*stops):
            if self.token.kind not in ("name", "number") and self.token.text not in ("-", "'", "/", "+", "*", "."):
                break
            self.index += 1
        if start == self.index or self.tokens[start].kind != "name":
            raise self.error(expecting("name"))
        name = joined(self.tokens[start : self.index])
        self.names.learn(name)
        return name

    def filter_follows(self) -> bool:
        """Whether a bracket opens a filter here."""
        # In `[1..5[` the second bracket closes the range: nothing that could be a filter follows it.
        following = self.tokens[self.index + 1]
        if following.kind == "end" or following.text in (")", "}", ",", "]", "."):
            return following.kind == "string"
        return not (
            following.kind == "name" and following.text in ("and", "or", "then", "else", "return", "satisfies", "in")
        )

    def continues(self) -> bool:
        """Whether what stands here belongs to the operand before it, as in `x in (a)[1]`."""
        return self.token.kind == "symbol" and self.token.text in (".", "[", "+", "-", "*", "/", "**")
