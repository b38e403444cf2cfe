"""SpiffWorkflow: the classes we stand on are those we were written for. A failure here says what to look at before an
upgrade."""

import inspect
from importlib.metadata import version

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.util.event import EventManager
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task

from engine.bpmn.node import Node
from engine.bpmn.parser.diagrams import DiagramParser
from engine.bpmn.runtime.frame import Frame, SubFrame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.token import Token

# Every method of the library that we override, with the parameters it had in 3.2.0.
OVERRIDDEN = {
    TaskSpec: {
        "test": "self",
        "_predict": "self my_task seen looked_ahead mask",
        "_update": "self my_task",
        "_update_hook": "self my_task",
        "_run": "self my_task",
        "_run_hook": "self my_task",
        "_on_ready": "self my_task",
        "_on_complete": "self my_task",
        "_on_cancel": "self my_task",
    },
    Task: {
        "__init__": "self workflow task_spec parent state id",
        "_inherit_data": "self",
        "_set_state": "self value",
        "_ready": "self",
        "run": "self",
        "complete": "self",
        "error": "self",
        "cancel": "self",
    },
    BpmnWorkflow: {"__init__": "self spec subprocess_specs script_engine kwargs", "is_completed": "self"},
    BpmnSubWorkflow: {"__init__": "self spec parent_task_id top_workflow kwargs", "_calculate_depth": "self"},
    EventManager: {"__init__": "self workflow"},
    BpmnParser: {
        "_add_processes": "self bpmn filename",
        "_add_messages": "self bpmn",
        "_add_correlations": "self bpmn",
        "_add_data_stores": "self bpmn",
        "_add_diagram_indexes": "self bpmn",
        "create_parser": "self node filename lane",
    },
    ProcessParser: {
        "_index_process_nodes": "self",
        "create_spec": "self",
        "_parse": "self",
        "add_tasks": "self",
        "parse_node": "self node",
    },
    TaskParser: {"parse_node": "self", "create_task": "self"},
}


def test_the_library_is_the_version_we_were_written_for():
    assert version("spiffworkflow") == "3.2.0"


def test_what_we_override_has_the_parameters_we_expect():
    found = {
        owner: {name: " ".join(inspect.signature(getattr(owner, name)).parameters) for name in methods}
        for owner, methods in OVERRIDDEN.items()
    }

    assert found == OVERRIDDEN


def test_processes_run_in_subclasses_of_the_library():
    assert issubclass(Instance, BpmnWorkflow) and issubclass(SubFrame, BpmnSubWorkflow) and issubclass(Token, Task)
    assert issubclass(DiagramParser, BpmnParser)
    for parser, spec in DiagramParser.OVERRIDE_PARSER_CLASSES.values():
        assert issubclass(parser, TaskParser) and issubclass(spec, TaskSpec)
        assert spec.__mro__.index(Node) < spec.__mro__.index(TaskSpec)
    assert Instance.__mro__.index(Frame) < Instance.__mro__.index(BpmnWorkflow)
