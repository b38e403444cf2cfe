"""Names: a path in the answers ↔ the JSON pointer, the name of an input and the id in the page. Knows no form.

An input is called by the JSON pointer of its answer, "#" written "~2" so that a part may follow: `/birth#day`,
`/photos#id`.
"""

from forms.elements import Path

PARTS = frozenset({"day", "month", "year", "id", "file", "time"})


def pointer(path: Path) -> str:
    """RFC 6901 pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def input_name(path: Path, part: str = "") -> str:
    """The `name` attribute of the input that answers `path`."""
    steps = (str(step).replace("~", "~0").replace("/", "~1").replace("#", "~2") for step in path)
    return "".join("/" + step for step in steps) + (f"#{part}" if part else "")


def field_id(path: Path, part: str = "") -> str:
    """An id for the page: letters, digits, "_" and "-" only, different for different paths."""
    steps = ["f", *(_identifier(str(step)) for step in path)]
    return "-".join([*steps, part] if part else steps)


def _identifier(step: str) -> str:
    if not step:
        return "--e"
    if step.isascii() and step.replace("_", "x").isalnum():
        return step
    return "".join(
        c if c.isascii() and (c.isalnum() or c == "_") else "--" if c == "-" else f"--x{ord(c):x}--" for c in step
    )


def steps_of(text: str) -> tuple[str, ...] | None:
    """The steps of a JSON pointer, also in its URI fragment form ("#/a/b"); None when it is not one."""
    bare = text.removeprefix("#")
    if bare and not bare.startswith("/"):
        return None
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in bare.split("/")[1:])
