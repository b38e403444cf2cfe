"""Names: which runs of tokens are one name (`date and time`, `Applicant's age`). FEEL has no quotes around such
names."""

from collections.abc import Iterable, Sequence

from engine.feel.lexer import Token, tokens_of
from engine.feel.problems import FeelSyntaxError


class NameBook:
    """The names of several tokens known while parsing one text, longest match first."""

    def __init__(self, names: Iterable[str] = (), parent: "NameBook | None" = None) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], str]] = {}
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
        if len(run) > 1:
            self._by_first.setdefault(run[0], {})[run] = name

    def longest_at(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """The longest known name that starts at this token, with the number of tokens it takes."""
        best = None if self._parent is None else self._parent.longest_at(tokens, index)
        runs = self._by_first.get(tokens[index].text)
        if runs is None or tokens[index].kind == "string":
            return best
        for run, name in runs.items():
            if (best is None or len(run) > best[1]) and _is_at(run, tokens, index):
                best = (name, len(run))
        return best


def _is_at(run: tuple[str, ...], tokens: Sequence[Token], index: int) -> bool:
    if index + len(run) >= len(tokens) + 1:
        return False
    found = tokens[index : index + len(run)]
    return tuple(token.text for token in found) == run and all(token.kind != "string" for token in found)


def joined(tokens: Sequence[Token]) -> str:
    """The name that a run of tokens writes: words apart by one space, symbols as close as they were written."""
    text = ""
    for previous, token in zip([None, *tokens], tokens, strict=False):
        gap = " " if previous is not None and token.start > previous.end else ""
        text += gap + token.text
    return text
