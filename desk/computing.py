"""Computing: answers at rest, with what their form computes. The same for people and for machine clients."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import feel
from engine.deadlines import town_time
from engine.definition import Definition
from engine.errors import EngineError
from forms import Answers, Form, settle


def compute(definition: Definition, form: Form, answers: Answers, now: datetime) -> Answers:
    """The answers at rest: with what the form computes from them (a decision of the procedure by its name, else a FEEL
    expression), and without what is hidden then."""
    return settle(form, answers, lambda text, held: _computed(definition, text, held, now))


def _computed(definition: Definition, text: str, answers: Mapping[str, Any], now: datetime) -> Any:
    variables = {**answers, "answers": dict(answers)}
    if text not in definition.decisions:
        return feel.compile_expression(text.removeprefix("=")).evaluate(variables, town_time(now))
    try:
        return definition.decisions.decide(text, variables, now)[0]
    except EngineError:
        # Not yet: a rule needs an answer that has not been given.
        return None
