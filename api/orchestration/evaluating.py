"""Evaluating: decisions asked on request, outside any case. What they said is kept like what they say in cases."""

from typing import Any

from litestar import Request, post

from accounts.clients import Client
from api import evaluations, parts
from api.errors import InvalidArgument, NothingHere
from api.guards import client_of, scoped, seen_by
from api.house import now_of
from api.keys import key_of, number_of, read_key
from api.orchestration import decided
from api.orchestration.decided import EvaluatedInput, MatchedRule, TracedDecision
from api.parts import Part
from api.shapes import TENANT, Shape
from engine import deployments
from engine.bpmn.errors import ElementFailed
from engine.ids import new_id


class Evaluation(Shape, frozen=True, kw_only=True):
    """What to decide: a decision by its id (its latest version) or its key, and the variables it reads."""

    decision_definition_id: str | None = None
    decision_definition_key: str | None = None
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT


class EvaluatedDecision(Shape, frozen=True, kw_only=True):
    """One decision that was made on the way."""

    decision_definition_id: str
    decision_definition_name: str
    decision_definition_version: int
    decision_definition_type: str
    output: str
    tenant_id: str = TENANT
    matched_rules: list[MatchedRule]
    evaluated_inputs: list[EvaluatedInput]
    decision_definition_key: str
    decision_evaluation_instance_key: str


class EvaluationResult(Shape, frozen=True, kw_only=True):
    """What was decided. `output` is JSON text."""

    decision_definition_id: str
    decision_definition_key: str
    decision_definition_name: str
    decision_definition_version: int
    decision_evaluation_key: str
    decision_instance_key: str
    decision_requirements_id: str
    decision_requirements_key: str
    evaluated_decisions: list[EvaluatedDecision]
    failed_decision_definition_id: str | None
    failure_message: str | None
    output: str
    tenant_id: str = TENANT


@post("/v2/decision-definitions/evaluation", guards=[scoped("evaluate")], status_code=200, tags=["decisions"])
async def evaluate(request: Request[Any, Any, Any], data: Evaluation) -> EvaluationResult:
    """Decide now, outside any case. What was said is kept for a month: `/v2/decision-instances` tells it."""
    client, part, now = client_of(request), await _part(data, client_of(request)), now_of(request)
    if part is None or not client.sees(part.slug):
        raise NothingHere("No decision that the API client may ask has this id or key.")
    definition, evaluation_id = await deployments.definition_of(part.definition_hash), new_id(now)
    failure: str | None = None
    try:
        _, trace = definition.decisions.decide(part.part, data.variables, now)
    except ElementFailed as failed:
        failure, trace = str(failed.sentence), {"decision": part.part, "matches": []}
    await evaluations.keep(number_of(evaluation_id), part.definition_hash, now, failure, trace)
    made = await decided.of_evaluation(key_of(evaluation_id), client)
    return await _result(part, made)


async def _part(data: Evaluation, client: Client) -> Part | None:
    if data.decision_definition_key is not None:
        key = read_key(data.decision_definition_key)
        if key is None:
            raise InvalidArgument("Expected “decisionDefinitionKey” to be a key: a whole number, as a text.")
        return await parts.get("decision", key)
    if not data.decision_definition_id:
        raise InvalidArgument("Expected “decisionDefinitionId” or “decisionDefinitionKey”.")
    return await parts.latest("decision", data.decision_definition_id, seen_by(client))


async def _result(part: Part, made: list[TracedDecision]) -> EvaluationResult:
    above, asked = await parts.get("requirements", part.parent) if part.parent else None, made[-1]
    failure = asked.evaluation_failure
    return EvaluationResult(
        decision_definition_id=part.part,
        decision_definition_key=str(part.key),
        decision_definition_name=part.title,
        decision_definition_version=part.version,
        decision_evaluation_key=asked.decision_evaluation_key,
        decision_instance_key=asked.decision_evaluation_key,
        decision_requirements_id=above.part if above else part.part,
        decision_requirements_key=str(part.parent or 0),
        evaluated_decisions=[] if failure else [_evaluated(each) for each in made],
        failed_decision_definition_id=part.part if failure else None,
        failure_message=failure,
        output=asked.result,
    )


def _evaluated(made: TracedDecision) -> EvaluatedDecision:
    return EvaluatedDecision(
        decision_definition_id=made.decision_definition_id,
        decision_definition_name=made.decision_definition_name,
        decision_definition_version=made.decision_definition_version,
        decision_definition_type=made.decision_definition_type,
        output=made.result,
        matched_rules=made.matched_rules,
        evaluated_inputs=made.evaluated_inputs,
        decision_definition_key=made.decision_definition_key,
        decision_evaluation_instance_key=made.decision_evaluation_instance_key,
    )


HANDLERS = [evaluate]
