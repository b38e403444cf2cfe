"""Places in the answers: look up, put and remove by path. Works on copies made by `thaw`; never raises on a missing
place.
"""

from itertools import pairwise
from typing import Any, cast

from forms.elements import Answers, Path


class Missing:
    """Stands for “there is no answer here”."""


MISSING = Missing()


def thaw(value: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(value, dict):
        return {key: thaw(item) for key, item in cast("dict[str, Any]", value).items()}
    return [thaw(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def look_up(answers: Any, path: Path) -> Any:
    """The value at `path`, or `MISSING`."""
    here = answers
    for step in path:
        if isinstance(here, dict) and step in here:
            here = cast("dict[str, Any]", here)[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and 0 <= step < len(cast("list[Any]", here)):
            here = cast("list[Any]", here)[step]
        else:
            return MISSING
    return here


def put(answers: Answers, path: Path, value: Any) -> None:
    """Write `value` at `path`, making the objects on the way; what stands in the way and is no object gives place."""
    here: Any = answers
    for step, following in pairwise(path):
        below: Any = look_up(here, (step,))
        if not isinstance(below, list if isinstance(following, int) else dict):
            below = [] if isinstance(following, int) else {}
            _set(here, step, below)
        here = cast("Any", below)
    _set(here, path[-1], value)


def _set(container: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int):
        while len(container) <= step:
            container.append({})
    container[step] = value


def remove(answers: Answers, path: Path) -> None:
    """Take the answer at `path` away; objects left empty stay (see `reading`)."""
    above = look_up(answers, path[:-1])
    if isinstance(above, dict):
        cast("dict[str, Any]", above).pop(str(path[-1]), None)
