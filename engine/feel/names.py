"""Names: which runs of tokens are one name (`date and time`, `Applicant's age`). FEEL has no quotes around such
names."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.feel import limits
from engine.feel.lexer import Token, tokens_of
from engine.feel.problems import FeelSyntaxError


class NameBook:
    """The names of several tokens known while parsing one text, longest match first."""

    def __init__(self, names: Iterable[str] = (), parent: "NameBook | None" = None) -> None:
        # The tokens of the names as a tree: each leads to those that may follow it, and None to the name that ends.
        self._tree: dict[Any, Any] = {}
        self._parent = parent
        for name in names:
            self.learn(name)

    def learn(self, name: str) -> None:
        """Adds a name; one that is a single token, or no name at all, needs no entry."""
        if name.isidentifier():
            return
        try:
            run = tuple(token.text for token in tokens_of(name)[:-1])
        except FeelSyntaxError:
            return
        if 1 < len(run) <= limits.NAME_LENGTH:
            tree = self._tree
            for text in run:
                tree = tree.setdefault(text, {})
            tree[None] = name

    def longest_at(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that starts at this token, with the number of tokens it takes."""
        best = None if self._parent is None else self._parent.longest_at(tokens, index)
        tree, length = self._tree.get(tokens[index].text), 1
        while tree is not None and tokens[index + length - 1].kind != "string":
            if None in tree and (best is None or length > best[1]):
                best = (tree[None], length)
            tree = tree.get(tokens[index + length].text) if index + length < len(tokens) else None
            length += 1
        return best


def joined(tokens: Sequence[Token]) -> str:
    """The name that a run of tokens writes: words apart by one space, symbols as close as they were written."""
    text = ""
    for previous, token in zip([None, *tokens], tokens, strict=False):
        gap = " " if previous is not None and token.start > previous.end else ""
        text += gap + token.text
    return text
