"""References: inlines `$ref` to the schema's own definitions and to the shared fragments of `forms/library/`.

A deployed form therefore never changes when the library does. Never opens an address: any other reference is refused.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Any, cast

import msgspec

from forms.errors import Finding, FragmentUnknown, Words, told
from forms.names import steps_of
from forms.vocabulary import MANY_SCHEMAS, NAMED_SCHEMAS, ONE_SCHEMA, step

LIBRARY_REFERENCE = re.compile(r"(?:.*/)?library/([a-z_]+)\.json")
LONGEST_CHAIN, MOST_INLINED = 20, 4000


class Fragment(msgspec.Struct, frozen=True, eq=False):
    """A shared block: its schema, how it is laid out (scopes relative to the block) and its English words."""

    schema: dict[str, Any]
    ui: dict[str, Any] | None = None
    en: dict[str, str] = {}


@cache
def fragment(name: str) -> Fragment:
    """The fragment of that name; raises `FragmentUnknown`."""
    try:
        text = (files("forms") / "library" / f"{name}.json").read_bytes()
    except FileNotFoundError as error:
        raise FragmentUnknown(name) from error
    return msgspec.json.decode(text, type=Fragment)


def fragment_names() -> tuple[str, ...]:
    """The names of all fragments, sorted."""
    folder = files("forms") / "library"
    return tuple(sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")))


class Inliner:
    """One pass over one schema: collects findings, the words of the fragments used and, per inlined block, its
    layout.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self.source = schema
        self.findings: list[Finding] = []
        self.words: dict[str, str] = {}
        # Keyed by id(): a layout belongs to one place, not to every equal schema; `alive` keeps ids from being reused.
        self.layouts: dict[int, dict[str, Any]] = {}
        self.alive: list[Any] = []
        self.count = 0

    def inline(self) -> dict[str, Any]:
        """The schema without `$ref` and `$defs`."""
        inlined = self._node(self.source, "", ())
        inlined.pop("$defs", None)
        inlined.pop("$id", None)
        return inlined

    def _node(self, node: Any, pointer: str, chain: tuple[str, ...]) -> Any:
        self.count += 1
        if self.count > MOST_INLINED:
            return True
        if isinstance(node, list):
            return [self._node(item, step(pointer, rank), chain) for rank, item in enumerate(cast("list[Any]", node))]
        if not isinstance(node, dict):
            return node
        written = cast("dict[str, Any]", node)
        reference = written.get("$ref")
        if isinstance(reference, str):
            return self._reference(written, reference, pointer, chain)
        return {
            key: self._keyword(key, value, step(pointer, key), chain)
            for key, value in written.items()
            if key != "$defs"
        }

    def _keyword(self, key: str, value: Any, pointer: str, chain: tuple[str, ...]) -> Any:
        if key in NAMED_SCHEMAS and isinstance(value, dict):
            named = cast("dict[str, Any]", value)
            return {name: self._node(below, step(pointer, name), chain) for name, below in named.items()}
        return self._node(value, pointer, chain) if key in ONE_SCHEMA or key in MANY_SCHEMAS else value

    def _reference(self, node: dict[str, Any], reference: str, pointer: str, chain: tuple[str, ...]) -> Any:
        if reference in chain or len(chain) > LONGEST_CHAIN:
            return self._refuse(pointer, told("“{0}” leads back to itself.", reference))
        layout = None
        if match := LIBRARY_REFERENCE.fullmatch(reference):
            try:
                block = fragment(match[1])
            except FragmentUnknown:
                return self._refuse(
                    pointer, told("“{0}” is not in the library: {1}.", match[1], ", ".join(fragment_names()))
                )
            target, layout = block.schema, block.ui
            self.words.update(block.en)
        else:
            target = self._definition(reference)
        if not isinstance(target, dict):
            return self._refuse(
                pointer, told("“{0}” is neither a definition of this schema nor a fragment of the library.", reference)
            )
        inlined = self._node(target, pointer, (*chain, reference))
        beside = self._node({key: value for key, value in node.items() if key != "$ref"}, pointer, chain)
        merged: dict[str, Any] = {**cast("dict[str, Any]", inlined), **beside}
        # A dictionary thrown away would leave its id to another one.
        self.alive.append(inlined)
        layout = layout or self.layouts.get(id(inlined))
        if layout is not None:
            self.layouts[id(merged)] = layout
        return merged

    def _definition(self, reference: str) -> Any:
        steps = steps_of(reference) if reference.startswith("#/") else None
        here: Any = self.source
        for name in steps or ():
            here = cast("dict[str, Any]", here).get(name) if isinstance(here, dict) else None
        return here if steps else None

    def _refuse(self, pointer: str, message: str | Words) -> dict[str, Any]:
        self.findings.append(Finding("schema", step(pointer, "$ref"), "reference", message))
        return {"type": "string"}
