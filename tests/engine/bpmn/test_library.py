"""SpiffWorkflow: the classes we stand on are those we were written for. A failure here says what to look at before an
upgrade; when that is done, write `library.json` anew with `write` below.
"""

import ast
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task

import engine.bpmn
from engine.bpmn.node import Node
from engine.bpmn.parser.diagrams import DiagramParser
from engine.bpmn.runtime.frame import Frame, SubFrame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.token import Token

LIBRARY = "SpiffWorkflow"
KNOWN = Path(__file__).parent / "library.json"
SOURCES = Path(engine.bpmn.__file__).parent


def ours() -> list[type]:
    """Every class of ours that stands on one of the library."""
    found = set()
    for module in pkgutil.walk_packages([str(SOURCES)], "engine.bpmn."):
        for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if each.__module__.startswith("engine.bpmn") and any(_is_library(base) for base in each.__mro__):
                found.add(each)
    return sorted(found, key=_name)


def _is_library(each: Any) -> bool:
    return each.__module__.split(".")[0] == LIBRARY


def _name(each: type) -> str:
    return f"{each.__module__}.{each.__qualname__}"


def overridden() -> Iterator[tuple[str, str]]:
    """What we override: the library's own name of it, and its parameters there."""
    for each in ours():
        written = {name for base in each.__mro__ if not _is_library(base) for name in vars(base)} - vars(object).keys()
        for base in filter(_is_library, each.__mro__):
            for name in sorted((written | {"__init__"}) & vars(base).keys()):
                method = inspect.unwrap(getattr(base, name)) if callable(getattr(base, name)) else None
                if isinstance(method, FunctionType):
                    yield f"{_name(base)}.{name}", " ".join(inspect.signature(method).parameters)


def lines() -> dict[str, list[str]]:
    """The library's classes behind each of ours, nearest first."""
    return {_name(each): [_name(base) for base in each.__mro__ if _is_library(base)] for each in ours()}


def write() -> None:
    """Takes down what is there now."""
    KNOWN.write_text(json.dumps({"overridden": dict(sorted(overridden())), "lines": lines()}, indent=1) + "\n")


def test_the_library_is_the_version_we_were_written_for():
    assert version("spiffworkflow") == "3.2.0"


def test_every_method_we_override_has_the_parameters_we_were_written_for():
    assert dict(overridden()) == json.loads(KNOWN.read_text())["overridden"]


def test_every_class_of_ours_stands_on_the_classes_it_was_written_for():
    assert lines() == json.loads(KNOWN.read_text())["lines"]


def test_what_is_ours_goes_before_what_is_the_librarys():
    for each in ours():
        mine = [place for place, base in enumerate(each.__mro__) if base.__module__.startswith("engine.bpmn")]
        theirs = [place for place, base in enumerate(each.__mro__) if _is_library(base)]
        assert max(mine) < min(theirs), each


def test_processes_run_in_subclasses_of_the_library():
    assert issubclass(Instance, BpmnWorkflow) and issubclass(SubFrame, BpmnSubWorkflow) and issubclass(Token, Task)
    assert issubclass(DiagramParser, BpmnParser)
    for parser, spec in DiagramParser.OVERRIDE_PARSER_CLASSES.values():
        assert issubclass(parser, TaskParser) and issubclass(spec, TaskSpec)
        assert spec.__mro__.index(Node) < spec.__mro__.index(TaskSpec)
    assert Instance.__mro__.index(Frame) < Instance.__mro__.index(BpmnWorkflow)


def test_nothing_of_the_library_is_replaced_from_outside():
    """No patch: every function of the library is the library's own, once all of ours is loaded."""
    ours()
    foreign = [
        f"{_name(each)}.{name}"
        for module in [module for name, module in sys.modules.items() if name.split(".")[0] == LIBRARY]
        for _, each in inspect.getmembers(module, inspect.isclass)
        if _is_library(each)
        for name, method in vars(each).items()
        if isinstance(method, FunctionType) and method.__module__.startswith("engine")
    ]
    assert foreign == []


def test_no_code_of_ours_assigns_to_what_it_imports_from_the_library():
    for file in SOURCES.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARY)
            for alias in node.names
        }
        assigned = [
            ast.unparse(target)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AugAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Attribute) and ast.unparse(target.value).split(".")[0] in imported
        ]
        patched = [
            ast.unparse(node)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "patch", "mock.patch")
        ]
        assert assigned == [] and patched == [], file
