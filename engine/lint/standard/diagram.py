"""Diagram: one BPMN file as the rules of the standard see it: its parts by id, its flows by their ends, its levels.

A rule is about what is run: processes drawn with `isExecutable="false"` show what others do and are not judged.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from engine.lint.finding import Finding
from engine.lint.standard.part import Part

TASKS = (
    "task",
    "manualTask",
    "userTask",
    "serviceTask",
    "scriptTask",
    "businessRuleTask",
    "sendTask",
    "receiveTask",
)
SUBPROCESSES = ("subProcess", "transaction", "adHocSubProcess")
ACTIVITIES = (*TASKS, *SUBPROCESSES, "callActivity")
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway")
CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent")
THROWING = ("endEvent", "intermediateThrowEvent")
EVENTS = (*CATCHING, *THROWING)
FLOW_NODES = (*ACTIVITIES, *GATEWAYS, *EVENTS)
LEVELS = ("process", *SUBPROCESSES)
CHOREOGRAPHY = ("choreographyTask", "subChoreography", "callChoreography")
ARTIFACTS = ("association", "group", "textAnnotation")
SUFFIX = "EventDefinition"


class Diagram:
    """One file under examination."""

    def __init__(self, file: str, root: Part) -> None:
        self.file, self.root = file, root

    @cached_property
    def by_id(self) -> Mapping[str, Part]:
        """Every part of the standard's own namespace that has an id."""
        return {part.id: part for part in self.root.below() if part.id and not part.is_foreign}

    def named(self, reference: str) -> Part | None:
        """The part a reference names; a namespace prefix is no part of the id."""
        return self.by_id.get(reference.strip().rpartition(":")[2])

    @cached_property
    def processes(self) -> list[Part]:
        """The processes that are run."""
        return [part for part in self.root.all("process") if part.says("isExecutable", otherwise=True)]

    @cached_property
    def levels(self) -> list[Part]:
        """The processes that are run and every sub-process in them."""
        return [each for process in self.processes for each in (process, *process.below(*SUBPROCESSES))]

    def parts(self, *kinds: str) -> Iterator[Part]:
        """The parts of these kinds in what is run."""
        return (part for process in self.processes for part in process.below(*kinds) if not part.is_foreign)

    def nodes(self, level: Part) -> list[Part]:
        """The flow nodes of one level."""
        return level.all(*FLOW_NODES)

    @cached_property
    def flows(self) -> list[Part]:
        """The sequence flows of what is run."""
        return list(self.parts("sequenceFlow"))

    @cached_property
    def _ends(self) -> tuple[dict[str, list[Part]], dict[str, list[Part]]]:
        onward: dict[str, list[Part]] = {}
        backward: dict[str, list[Part]] = {}
        for flow in self.flows:
            onward.setdefault(flow.get("sourceRef"), []).append(flow)
            backward.setdefault(flow.get("targetRef"), []).append(flow)
        return onward, backward

    def leaving(self, part: Part) -> list[Part]:
        """The sequence flows that leave a flow node."""
        return self._ends[0].get(part.id, []) if part.id else []

    def entering(self, part: Part) -> list[Part]:
        """The sequence flows that lead to a flow node."""
        return self._ends[1].get(part.id, []) if part.id else []

    def definitions(self, event: Part) -> list[Part]:
        """What an event waits for or throws: its own definitions and those it refers to."""
        found = [part for part in event.parts if part.kind.endswith(SUFFIX)]
        referred = (self.named(reference) for reference in event.texts("eventDefinitionRef"))
        return found + [part for part in referred if part is not None and part.kind.endswith(SUFFIX)]

    def triggers(self, event: Part) -> set[str]:
        """The kinds of its definitions, such as `timer`."""
        return {part.kind.removesuffix(SUFFIX) for part in self.definitions(event)}

    def is_event_subprocess(self, part: Part | None) -> bool:
        """A sub-process that an event starts."""
        return part is not None and part.kind == "subProcess" and part.says("triggeredByEvent", otherwise=False)

    def is_compensation(self, part: Part) -> bool:
        """An activity that runs only to undo another."""
        return part.kind in ACTIVITIES and part.says("isForCompensation", otherwise=False)

    def instantiates(self, part: Part) -> bool:
        """A receive task or an event gateway that begins its process."""
        return part.kind in ("receiveTask", "eventBasedGateway") and part.says("instantiate", otherwise=False)

    def found(self, rule: str, part: Part, message: str, way_out: str, **parameters: str) -> Finding:
        """An error about a part; `{name}` is what people call it."""
        named = next((each for each in _outwards(part) if each.id), None)
        return Finding(
            rule=rule,
            severity="error",
            file=self.file,
            element=None if named is None else named.id,
            message=message,
            way_out=way_out,
            parameters={"name": part.get("name") or part.id or part.kind, **parameters},
        )


def _outwards(part: Part) -> Iterator[Part]:
    here: Part | None = part
    while here is not None:
        yield here
        here = here.parent
