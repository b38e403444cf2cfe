"""Decided: what decision tables said in cases, from the history, with the rules that matched."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post

from api.filters import Field
from api.guards import client_of, scoped
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.decisions import EvaluatedInput, MatchedRule, inputs_of, json_of, rule_of
from api.orchestration.lookups import ROOT, TENANT_FIELD, element_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine.dmn import Match

INSTANCES = Resource(
    columns=f"""h.id AS number, h.instance_id, h.at, h.details::text AS details, e.key AS decision_key,
        e.part AS decision, e.title AS decision_title, e.detail AS decision_type,
        e.version AS decision_version, p.key AS definition_key,
        {ROOT} AS root_id, {element_key("h.instance_id", "h.token")} AS element_key""",
    source=f"""engine_history h JOIN engine_instance i ON i.id = h.instance_id{version_of()}
        LEFT JOIN api_part e ON e.kind = 'decision' AND e.definition_hash = i.definition_hash
            AND e.part = h.details->>'decision'""",
    always="h.happened = 'decided'",
    procedure="d.slug",
    key="decisionEvaluationKey",
    fields={
        "decisionEvaluationKey": Field("h.id", "key"),
        "decisionEvaluationInstanceKey": Field("(h.id || '-1')"),
        "decisionDefinitionKey": Field("e.key", "key"),
        "decisionDefinitionId": Field("(h.details->>'decision')"),
        "decisionDefinitionName": Field("e.title"),
        "decisionDefinitionVersion": Field("e.version", "number"),
        "decisionDefinitionType": Field("e.detail"),
        "rootDecisionDefinitionKey": Field("e.key", "key"),
        "decisionRequirementsKey": Field("e.parent", "key"),
        "processDefinitionKey": Field("p.key", "key"),
        "processInstanceKey": Field("h.instance_id", "id"),
        "elementInstanceKey": Field(element_key("h.instance_id", "h.token"), "key"),
        "evaluationDate": Field("h.at", "moment", sort="h.id"),
        "evaluationFailure": Field("NULL::text"),
        "state": Field("'EVALUATED'", "choice", choices=("EVALUATED", "FAILED", "UNKNOWN", "UNSPECIFIED")),
        "tenantId": TENANT_FIELD,
    },
)


class DecisionInstance(Shape, frozen=True, kw_only=True):
    """What was decided in a case."""

    decision_definition_id: str
    decision_definition_key: str
    decision_definition_name: str
    decision_definition_type: str
    decision_definition_version: int
    decision_evaluation_instance_key: str
    decision_evaluation_key: str
    element_instance_key: str | None
    evaluation_date: datetime
    evaluation_failure: str | None = None
    process_definition_key: str | None
    process_instance_key: str | None
    result: str
    root_decision_definition_key: str
    root_process_instance_key: str | None
    state: str = "EVALUATED"
    tenant_id: str = TENANT


class TracedDecision(DecisionInstance, frozen=True, kw_only=True):
    """The same, with the rules that matched."""

    evaluated_inputs: list[EvaluatedInput]
    matched_rules: list[MatchedRule]


class DecisionInstances(Shape, frozen=True, kw_only=True):
    """A page of what was decided."""

    items: list[DecisionInstance]
    page: PageInfo


@post("/v2/decision-instances/search", guards=[scoped("read")], status_code=200, tags=["decisions"])
async def instances(request: Request[Any, Any, Any], data: Query | None = None) -> DecisionInstances:
    """What was decided in cases."""
    found = await lookups.search(INSTANCES, data or Query(), client_of(request))
    return DecisionInstances(items=[DecisionInstance(**_facts(record)) for record in found.found], page=found.page)


@get("/v2/decision-instances/{decision_evaluation_instance_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_instance(request: Request[Any, Any, Any], decision_evaluation_instance_key: str) -> TracedDecision:
    """What was decided once, with the rules that matched."""
    number = decision_evaluation_instance_key.removesuffix("-1")
    record = await lookups.get(INSTANCES, number, client_of(request))
    matches = _matches(record)
    inputs = matches[-1].inputs if matches else {}
    return TracedDecision(
        **_facts(record), evaluated_inputs=inputs_of(inputs), matched_rules=[rule_of(m) for m in matches]
    )


def _matches(record: Any) -> list[Match]:
    return msgspec.convert(msgspec.json.decode(record["details"]).get("matches", []), list[Match])


def _facts(record: Any) -> dict[str, Any]:
    matches, details = _matches(record), msgspec.json.decode(record["details"])
    key = str(record["decision_key"] or 0)
    return {
        "decision_definition_id": record["decision"] or details.get("decision", ""),
        "decision_definition_key": key,
        "decision_definition_name": record["decision_title"] or details.get("decision", ""),
        "decision_definition_type": record["decision_type"] or "UNKNOWN",
        "decision_definition_version": record["decision_version"] or 0,
        "decision_evaluation_instance_key": f"{record['number']}-1",
        "decision_evaluation_key": str(record["number"]),
        "element_instance_key": str(record["element_key"]) if record["element_key"] else None,
        "evaluation_date": record["at"],
        "process_definition_key": lookups.definition_key(record),
        "process_instance_key": key_of(record["instance_id"]),
        "result": json_of(matches[-1].outputs if matches else None),
        "root_decision_definition_key": key,
        "root_process_instance_key": lookups.root_key(record),
    }


HANDLERS = [instances, get_instance]
