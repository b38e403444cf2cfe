"""Recorded states: what a past version of Parvis stored is still loaded and goes on. Files are added, never changed.

`states/<name>.json` holds the diagram, the stored bytes and what is to happen. A new one is written by `record` below.
"""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine import definition, instance
from engine.commands import Command, CompleteJob, CompleteTask, Deliver, FireTimer, Start
from engine.effects import InstanceEnded
from engine.snapshot import State
from tests.engine.bpmn.runs import TUESDAY

STATES = Path(__file__).parent / "states"
COMMANDS = {each.__name__: each for each in (CompleteTask, CompleteJob, Deliver, FireTimer)}


def built(diagram: str) -> definition.Definition:
    manifest = SimpleNamespace(process="p", department="reception", lanes={})
    digest = hashlib.sha256(diagram.encode()).hexdigest()
    return definition.build(SimpleNamespace(hash=digest, manifest=manifest, files={"p.bpmn": diagram.encode()}))


def record(name: str, diagram: bytes, variables: dict, before: list[Command], after: list[Command]) -> None:
    """Writes a new recorded state: the instance after `before`, which `after` brings to its end."""
    ready = built(diagram.decode())
    state, _ = instance.start(ready, Start(variables=variables), TUESDAY)
    for command in before:
        state, _ = instance.advance(ready, state, command, TUESDAY)
    steps = [[type(each).__name__, {name: getattr(each, name) for name in each.__struct_fields__}] for each in after]
    content = {"diagram": diagram.decode(), "state": state.dump().hex(), "then": steps}
    (STATES / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


@pytest.mark.parametrize("file", sorted(STATES.glob("*.json")), ids=lambda file: file.stem)
def test_a_recorded_state_loads_and_goes_on_to_its_end(file):
    recorded = json.loads(file.read_text())
    ready = built(recorded["diagram"])

    state = State.load(bytes.fromhex(recorded["state"]), ready)
    effects = ()
    for name, values in recorded["then"]:
        moment = TUESDAY.replace(year=2027)
        state, effects = instance.advance(ready, state, COMMANDS[name](**values), moment)

    assert isinstance(effects[-1], InstanceEnded)
