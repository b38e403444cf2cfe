"""What a step costs the processor, without database: ours against SpiffWorkflow as it comes, in the same process."""

import io
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks._engine_models import LOOP, MANUAL, MANY, USER, bundle, chain, diagram
from engine import definition, instance
from engine.commands import CompleteTask, Start
from engine.effects import TaskOpened
from engine.snapshot import State

FORMED = "<extensionElements><zeebe:userTask/></extensionElements>"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANSWERS: dict[str, Any] = {f"field_{number}": "x" * 20 for number in range(15)}


def steps_of_ours(built: Any, runs: int) -> tuple[list[int], int]:
    """Nanoseconds of each load + advance + dump, and the largest stored state in bytes."""
    spent: list[int] = []
    largest = 0
    for _ in range(runs):
        state, effects = instance.start(built, Start(variables={"answers": ANSWERS}), NOW)
        stored = state.dump()
        while opened := [effect for effect in effects if isinstance(effect, TaskOpened)]:
            begun = time.process_time_ns()
            command = CompleteTask(token=opened[0].token, answers={})
            state, effects = instance.advance(built, State.load(stored, built), command, NOW)
            stored = state.dump()
            spent.append(time.process_time_ns() - begun)
            largest = max(largest, len(stored))
    return spent, largest


def steps_of_stock(spec: Any, serializer: Any, runs: int) -> list[int]:
    """Nanoseconds of each load + run + dump with SpiffWorkflow's own classes and serializer."""
    spent: list[int] = []
    for _ in range(runs):
        workflow = BpmnWorkflow(spec)
        workflow.data["answers"] = ANSWERS
        workflow.do_engine_steps()
        stored = serializer.serialize_json(workflow)
        while not workflow.is_completed():
            begun = time.process_time_ns()
            workflow = serializer.deserialize_json(stored)
            workflow.get_tasks(state=TaskState.READY, manual=True)[0].run()
            workflow.do_engine_steps()
            stored = serializer.serialize_json(workflow)
            spent.append(time.process_time_ns() - begun)
    return spent


def against_stock(elements: int, runs: int) -> tuple[float, int]:
    """Our share of stock's time for a process of so many elements, every third of them work of a person.

    Both take turns, so that a processor that changes its speed does so for both.
    """
    steps = [USER if number % 3 == 0 else MANUAL for number in range(elements - 2)]
    # Stock stops at manual tasks, which ours passes: both get the same number of stops.
    plain = [step.replace(FORMED, "").replace("manualTask", "task") for step in steps]
    built = definition.build(bundle(chain(*steps), "measure"))
    parser, serializer = BpmnParser(), BpmnWorkflowSerializer()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(diagram(chain(*plain), "measure"))).getroot())
    spec = parser.get_spec("measure")
    ours: list[int] = []
    stock: list[int] = []
    largest = 0
    for _ in range(runs):
        taken, largest = steps_of_ours(built, 10)
        ours += taken
        stock += steps_of_stock(spec, serializer, 1)
    return statistics.median(ours) / statistics.median(stock), largest


def loop_growth(turns: int = 10_000, pairs: int = 1_000) -> float:
    """Cost of a step at the last turn of a loop, over that at the tenth; the same two steps, taken in turn."""
    built = definition.build(bundle(LOOP, "measure"))
    state, effects = instance.start(built, Start(variables={"answers": ANSWERS}), NOW)
    kept: list[tuple[bytes, int]] = []
    for turn in range(turns):
        token = next(effect.token for effect in effects if isinstance(effect, TaskOpened))
        if turn in (10, turns - 1):
            kept.append((state.dump(), token))
        command = CompleteTask(token=token, answers={})
        state, effects = instance.advance(built, State.load(state.dump(), built), command, NOW)
    spent: list[list[int]] = [[], []]
    for _ in range(pairs):
        for place, (stored, token) in enumerate(kept):
            begun = time.process_time_ns()
            command = CompleteTask(token=token, answers={})
            instance.advance(built, State.load(stored, built), command, NOW)[0].dump()
            spent[place].append(time.process_time_ns() - begun)
    return statistics.median(spent[1]) / statistics.median(spent[0])


def multi_instance_growth(rounds: int = 7) -> float:
    """Cost of an item of a thousand, over that of an item of ten: created, answered with load and dump, gathered."""
    built = definition.build(bundle(MANY, "measure"))
    spent: list[list[float]] = [[], []]
    for _ in range(rounds):
        spent[0].append(_item(built, 1000))
        spent[1].append(statistics.median([_item(built, 10) for _ in range(50)]))
    return statistics.median(spent[0]) / statistics.median(spent[1])


def _item(built: Any, count: int) -> float:
    begun = time.process_time_ns()
    state, effects = instance.start(built, Start(variables={"items": list(range(count))}), NOW)
    for token in [effect.token for effect in effects if isinstance(effect, TaskOpened)]:
        state, _ = instance.advance(built, State.load(state.dump(), built), CompleteTask(token=token, answers={}), NOW)
    return (time.process_time_ns() - begun) / count
