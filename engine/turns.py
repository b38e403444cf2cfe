"""Turns: which procedures a worker served last, so that those that wait come first. In memory, of this process only.

A round that leased as many jobs as it asked for left work behind: whose jobs were in it goes to the back of the line.
So a procedure with due jobs is served after as many rounds as the procedures before it fill, however many jobs they
have.
"""

from collections import OrderedDict
from collections.abc import Iterable

MOST_WORKERS = 256


class Turns:
    """The line of each worker: the procedures it served, the longest ago first."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, dict[str, None]] = OrderedDict()

    def of(self, worker: str) -> list[str]:
        """Who was served, the longest ago first; who is not named comes before them."""
        return list(self._lines.get(worker, ()))

    def note(self, worker: str, served: Iterable[str], *, is_full: bool) -> None:
        """A round has ended. One that was not full left nobody waiting, so that nobody has to be remembered."""
        if not is_full:
            self._lines.pop(worker, None)
            return
        line = self._lines.setdefault(worker, {})
        for procedure in served:
            line.pop(procedure, None)
            line[procedure] = None
        self._lines.move_to_end(worker)
        if len(self._lines) > MOST_WORKERS:
            self._lines.popitem(last=False)
