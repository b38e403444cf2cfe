"""Part: one XML element of a diagram as a plain tree, so that the rules of the standard read like its sentences.

Holds what is written and nothing else: no definition, no catalogue. Made by `engine.lint.standard.diagram`.
"""

from collections.abc import Iterator
from typing import Any

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


class Part:
    """An element: `kind` is its local name, `words` its text; elements of other namespaces are `foreign`."""

    def __init__(
        self, kind: str, namespace: str, attributes: dict[str, str], words: str, parent: "Part | None"
    ) -> None:
        self.kind, self.namespace, self.attributes, self.words = kind, namespace, attributes, words
        self.parent = parent
        self.parts: list[Part] = []

    @property
    def id(self) -> str:
        """Its id, or nothing."""
        return self.attributes.get("id", "")

    @property
    def is_foreign(self) -> bool:
        """It is not of the standard's own namespace."""
        return self.namespace != MODEL

    def get(self, name: str) -> str:
        """An attribute, or nothing."""
        return self.attributes.get(name, "")

    def says(self, name: str, *, otherwise: bool) -> bool:
        """A boolean attribute."""
        text = self.attributes.get(name)
        return otherwise if text is None else text.strip() in ("true", "1")

    def all(self, *kinds: str) -> list["Part"]:
        """Its own children of these kinds."""
        return [part for part in self.parts if part.kind in kinds]

    def first(self, kind: str) -> "Part | None":
        """Its first child of this kind."""
        return next((part for part in self.parts if part.kind == kind), None)

    def texts(self, *kinds: str) -> list[str]:
        """What its children of these kinds say."""
        return [part.words for part in self.all(*kinds)]

    def below(self, *kinds: str) -> Iterator["Part"]:
        """Everything inside it of these kinds (of every kind, if none is named), in the order of the document."""
        waiting = list(reversed(self.parts))
        while waiting:
            part = waiting.pop()
            if not kinds or part.kind in kinds:
                yield part
            waiting.extend(reversed(part.parts))

    def within(self, *kinds: str) -> "Part | None":
        """The nearest element around it of one of these kinds."""
        around = self.parent
        while around is not None and around.kind not in kinds:
            around = around.parent
        return around


def read_part(element: Any, parent: Part | None = None) -> Part:
    """The tree of an lxml element; the drawing itself (BPMN DI) is left out."""
    top = _bare(element, parent)
    waiting = [(element, top)]
    while waiting:
        source, part = waiting.pop()
        for child in source:
            if isinstance(child.tag, str) and not child.tag.endswith("}BPMNDiagram"):
                inner = _bare(child, part)
                part.parts.append(inner)
                waiting.append((child, inner))
    return top


def _bare(element: Any, parent: Part | None) -> Part:
    namespace, _, kind = str(element.tag)[1:].rpartition("}")
    attributes = {str(name).rpartition("}")[2]: str(value) for name, value in element.attrib.items()}
    return Part(kind, namespace, attributes, (element.text or "").strip(), parent)
