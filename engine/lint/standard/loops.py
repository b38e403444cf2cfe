"""Does every repeated activity say over what, and of one kind?

BPMN 2.0.2, 10.3.8, table 10.30; constraints EXT.054, EXT.055, EXT.067 to EXT.070.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, SUBPROCESSES, Diagram
from engine.lint.standard.part import Part

RULE = "loops"
# What a behaviour other than “All” needs to be thrown (table 10.30).
BEHAVIOURS = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef", "Complex": "complexBehaviorDefinition"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for two marks at once, nothing to repeat over, and a collection that is not the activity's own."""
    for part in diagram.parts(*ACTIVITIES):
        loop = part.first("multiInstanceLoopCharacteristics")
        if loop is None:
            continue
        if part.first("standardLoopCharacteristics") is not None:
            yield diagram.found(
                RULE, part, "“{name}” is marked both as a loop and as multi-instance.", "Choose one of the two."
            )
        thrown = BEHAVIOURS.get(loop.get("behavior"), "")
        if thrown and not loop.get(thrown) and loop.first(thrown) is None:
            yield diagram.found(
                RULE,
                part,
                "The multi-instance activity “{name}” does not say which event its behaviour throws ({missing}).",
                "Name the event, or remove the behaviour.",
                missing=thrown,
            )
        yield from _collections(diagram, part, loop)


def _collections(diagram: Diagram, part: Part, loop: Part) -> Iterator[Finding]:
    given = [*loop.texts("loopCardinality", "loopDataInputRef"), *_dialect(loop)]
    if not any(given):
        yield diagram.found(
            RULE,
            part,
            "The multi-instance activity “{name}” says neither how often nor over which collection it runs.",
            "Give an input collection or a number (loopCardinality).",
        )
    for reference, kind, item in (
        ("loopDataInputRef", "dataInput", "inputDataItem"),
        ("loopDataOutputRef", "dataOutput", "outputDataItem"),
    ):
        for text in loop.texts(reference):
            yield from _collection(diagram, part, diagram.named(text), kind, loop.first(item))


def _dialect(loop: Part) -> list[str]:
    return [each.get("inputCollection") for each in loop.below("loopCharacteristics") if each.is_foreign]


def _collection(diagram: Diagram, part: Part, meant: Part | None, kind: str, item: Part | None) -> Iterator[Finding]:
    specification = part.first("ioSpecification")
    own = [] if specification is None else specification.all(kind)
    elsewhere = ("dataObject", "dataObjectReference", "property")
    unknown = meant is None or (meant not in own and meant.kind not in elsewhere)
    if unknown and (specification is not None or part.kind not in SUBPROCESSES):
        yield diagram.found(
            RULE,
            part,
            "The collection of the multi-instance activity “{name}” is not one of its own inputs or outputs.",
            "Refer to an input or output of the activity.",
        )
        return
    collected, single = (_item_type(diagram, each) for each in (meant, item))
    if collected and single and (collected[0] != single[0] or single[1]):
        yield diagram.found(
            RULE,
            part,
            "The item of the multi-instance activity “{name}” is not a single one of its collection.",
            "Give the item the type of what the collection holds.",
        )


def _item_type(diagram: Diagram, part: Part | None) -> tuple[str, bool] | None:
    found = None if part is None else diagram.named(part.get("itemSubjectRef"))
    return None if found is None else (found.get("structureRef"), found.says("isCollection", otherwise=False))
