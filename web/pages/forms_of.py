"""Forms of a procedure's version, read once and kept: the definition holds their sources."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import deployments, feel
from engine.deadlines import town_time
from engine.definition import Definition
from engine.errors import EngineError
from forms import Answers, Form, read_form, settle
from web.pages.errors import NotFound

KEPT = 256

_kept: OrderedDict[tuple[str, str], Form] = OrderedDict()


async def form_of(definition_hash: str, form_id: str) -> Form:
    """The form of this name in this version. Raises `NotFound`."""
    key = (definition_hash, form_id)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    definition = await deployments.definition_of(definition_hash)
    source = definition.forms.get(form_id)
    if source is None:
        raise NotFound
    form = read_form(source.schema, source.ui, source.translations)
    _kept[key] = form
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return form


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
