"""Every test of the semantics runs twice: straight through, and with the state stored and loaded after every step."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.bpmn.runs import Run


@pytest.fixture(params=[False, True], ids=["in-memory", "restored"])
def run(request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Starts an instance of these diagrams with these variables."""

    def started(*diagrams: bytes, at: str | None = None, came: tuple[str, str] | None = None, **variables: Any) -> Run:
        return Run(*diagrams, restored=request.param, **variables).start(at, came)

    return started
