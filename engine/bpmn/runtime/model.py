"""What a running instance needs to know of its definition: the specs, and how to decide and to run a script.

It is also SpiffWorkflow's script engine: the library's own (which evaluates Python) is never reached.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.bpmn.errors import ElementFailed
from engine.feel.problems import Run

# The last argument is the evaluation that asks, if an expression does.
Decide = Callable[[str, Mapping[str, Any], datetime, Run | None], tuple[Any, dict[str, Any]]]
RunPython = Callable[[str, Mapping[str, Any], datetime], dict[str, Any]]


class Model:
    """Immutable once built; shared by all instances of a definition."""

    def __init__(
        self, specs: dict[str, Any], processes: tuple[str, ...], decide: Decide, run_python: RunPython
    ) -> None:
        self.specs, self.processes, self.decide, self.run_python = specs, frozenset(processes), decide, run_python

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """Never: expressions are FEEL, compiled when the definition is built."""
        raise ElementFailed("expression", "An expression reached the library's script engine.")

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        """Never: Python runs in the sandbox only."""
        raise ElementFailed("script", "A script reached the library's script engine.")
