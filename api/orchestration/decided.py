"""Decided: what decisions said, in cases (the history) and on request (`evaluations`), with the rules that matched.

One evaluation makes one instance of each decision that took part: the required ones in the order their first rule
matched, the one that was asked for last.
"""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post

from accounts.clients import Client
from api import parts, searching
from api.errors import NothingHere
from api.filters import Field
from api.guards import client_of, scoped
from api.keys import maybe_key
from api.orchestration.lookups import ROOT, TENANT_FIELD, element_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine.dmn import Match

MOST_OF_ONE = 1_000
# Each side is one table and its condition stands outside, so that PostgreSQL reads both in the order of their keys.
SAID = """(SELECT id, happened, instance_id, token, at, details, NULL::text AS definition_hash, NULL::text AS failure
        FROM engine_history
    UNION ALL SELECT key, 'decided'::text, NULL::uuid, NULL::bigint, at, details, definition_hash, failure
        FROM api_evaluation)"""
CONTENT = "coalesce(h.definition_hash, i.definition_hash)"
ASKED = "h.details->>'decision'"
PART = "{0}.kind = 'decision' AND {0}.definition_hash = " + CONTENT + " AND {0}.part = {1}"
MADE = f"""(SELECT m.decision, row_number() OVER (ORDER BY m.first) AS place FROM (
        SELECT t.rule->>'decision' AS decision, min(t.number) AS first
            FROM jsonb_array_elements(h.details->'matches') WITH ORDINALITY AS t (rule, number)
            WHERE t.rule->>'decision' <> {ASKED}
                AND EXISTS (SELECT FROM api_part q WHERE {PART.format("q", "t.rule->>'decision'")})
            GROUP BY 1
        UNION ALL SELECT {ASKED}, 1000000) m) s"""
ELEMENT = element_key("h.instance_id", "h.token")
FAILED = "h.failure IS NOT NULL"
KEY = "(h.id || '-' || s.place)"

INSTANCES = Resource(
    columns=f"""h.id AS number, s.place, s.decision, s.decision = {ASKED} AS is_asked, h.instance_id, h.at, h.failure,
        h.details::text AS details, (h.details->'answer')::text AS answer, e.key AS decision_key, e.title,
        e.detail AS type, coalesce(e.version, d.version) AS version, g.key AS root_key, p.key AS process_key,
        {ROOT} AS root_id,
        {ELEMENT} AS element_key""",
    source=f"""{SAID} h LEFT JOIN engine_instance i ON i.id = h.instance_id{version_of(content=CONTENT)}
        CROSS JOIN LATERAL {MADE} LEFT JOIN api_part e ON {PART.format("e", "s.decision")}
        LEFT JOIN api_part g ON {PART.format("g", ASKED)}""",
    always="h.happened = 'decided'",
    procedure="d.slug",
    key="decisionEvaluationKey",
    then="s.place",
    fields={
        "decisionEvaluationKey": Field("h.id", "key"),
        "decisionEvaluationInstanceKey": Field(KEY, "pair", parts=("h.id", "s.place")),
        "decisionDefinitionKey": Field("e.key", "key"),
        "decisionDefinitionId": Field("s.decision"),
        "decisionDefinitionName": Field("e.title"),
        "decisionDefinitionVersion": Field("coalesce(e.version, d.version)", "number"),
        "decisionDefinitionType": Field(
            "coalesce(e.detail, 'UNKNOWN')",
            "choice",
            choices=("DECISION_TABLE", "LITERAL_EXPRESSION", "UNKNOWN", "UNSPECIFIED"),
        ),
        "rootDecisionDefinitionKey": Field("g.key", "key"),
        "decisionRequirementsKey": Field("e.parent", "key"),
        "processDefinitionKey": Field("p.key", "key"),
        "processInstanceKey": Field("h.instance_id", "id"),
        "elementInstanceKey": Field(ELEMENT, "key"),
        "evaluationDate": Field("h.at", "moment"),
        "evaluationFailure": Field("h.failure"),
        "state": Field(
            f"CASE WHEN {FAILED} THEN 'FAILED' ELSE 'EVALUATED' END",
            "choice",
            choices=("EVALUATED", "FAILED", "UNKNOWN", "UNSPECIFIED"),
            rows_of={"EVALUATED": "h.failure IS NULL", "FAILED": FAILED},
        ),
        "tenantId": TENANT_FIELD,
    },
)


class EvaluatedInput(Shape, frozen=True, kw_only=True):
    """What a table looked at. Values are JSON text."""

    input_id: str
    input_name: str
    input_value: str


class EvaluatedOutput(Shape, frozen=True, kw_only=True):
    """What a rule gave."""

    output_id: str
    output_name: str
    output_value: str
    rule_id: str | None
    rule_index: int | None


class MatchedRule(Shape, frozen=True, kw_only=True):
    """A rule that matched; they count from 1."""

    rule_id: str
    rule_index: int
    evaluated_outputs: list[EvaluatedOutput]


class DecisionInstance(Shape, frozen=True, kw_only=True):
    """What a decision said once, in a case or on request. `result` is JSON text."""

    decision_definition_id: str
    decision_definition_key: str
    decision_definition_name: str
    decision_definition_type: str
    decision_definition_version: int
    decision_evaluation_instance_key: str
    decision_evaluation_key: str
    element_instance_key: str | None
    evaluation_date: datetime
    evaluation_failure: str | None
    process_definition_key: str | None
    process_instance_key: str | None
    result: str
    root_decision_definition_key: str
    root_process_instance_key: str | None
    state: str
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
    """What was decided, in cases and on request."""
    await parts.refresh()
    found = await searching.search(INSTANCES, data or Query(), client_of(request))
    return DecisionInstances(items=[DecisionInstance(**_facts(record)) for record in found.found], page=found.page)


@get("/v2/decision-instances/{decision_evaluation_instance_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_instance(request: Request[Any, Any, Any], decision_evaluation_instance_key: str) -> TracedDecision:
    """What was decided once, with the rules that matched."""
    await parts.refresh()
    query = Query(filter={"decisionEvaluationInstanceKey": decision_evaluation_instance_key})
    found = (await searching.search(INSTANCES, query, client_of(request))).found
    if not found:
        raise NothingHere
    return traced(found[0])


async def of_evaluation(key: str, client: Client) -> list[TracedDecision]:
    """Every decision that took part in an evaluation, the one that was asked for last."""
    query = Query(filter={"decisionEvaluationKey": key}, page=searching.PageAsked(limit=MOST_OF_ONE))
    return [traced(record) for record in (await searching.search(INSTANCES, query, client)).found]


def traced(record: Any) -> TracedDecision:
    """A row with its rules, as clients read it."""
    matches = _matches(record)
    inputs = matches[-1].inputs if matches else {}
    return TracedDecision(
        **_facts(record),
        evaluated_inputs=[
            EvaluatedInput(input_id=name, input_name=name, input_value=json_of(said)) for name, said in inputs.items()
        ],
        matched_rules=[_rule(match) for match in matches],
    )


def json_of(said: Any) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(said).decode()


def _rule(match: Match) -> MatchedRule:
    outputs = [
        EvaluatedOutput(
            output_id=name,
            output_name=name,
            output_value=json_of(said),
            rule_id=match.rule_id,
            rule_index=match.rule_index,
        )
        for name, said in match.outputs.items()
    ]
    return MatchedRule(rule_id=match.rule_id, rule_index=match.rule_index, evaluated_outputs=outputs)


def _matches(record: Any) -> list[Match]:
    """The rules of this decision that matched."""
    found = msgspec.convert(msgspec.json.decode(record["details"]).get("matches", []), list[Match])
    return [match for match in found if match.decision == record["decision"]]


def _result(record: Any) -> str:
    """What the decision said. Traces of before keep only the rules of a required one: it is read from them."""
    if record["is_asked"] and record["answer"] is not None:
        return record["answer"]
    required = msgspec.json.decode(record["details"]).get("required", {})
    if record["decision"] in required:
        return json_of(required[record["decision"]])
    said = [next(iter(each.outputs.values())) if len(each.outputs) == 1 else each.outputs for each in _matches(record)]
    return json_of(said[0] if len(said) == 1 else said or None)


def _facts(record: Any) -> dict[str, Any]:
    return {
        "decision_definition_id": record["decision"],
        "decision_definition_key": str(record["decision_key"] or 0),
        "decision_definition_name": record["title"] or record["decision"],
        "decision_definition_type": record["type"] or "UNKNOWN",
        "decision_definition_version": record["version"] or 0,
        "decision_evaluation_instance_key": f"{record['number']}-{record['place']}",
        "decision_evaluation_key": str(record["number"]),
        "element_instance_key": str(record["element_key"]) if record["element_key"] else None,
        "evaluation_date": record["at"],
        "evaluation_failure": record["failure"],
        "process_definition_key": str(record["process_key"] or 0) if record["instance_id"] else None,
        "process_instance_key": maybe_key(record["instance_id"]),
        "result": _result(record),
        "root_decision_definition_key": str(record["root_key"] or 0),
        "root_process_instance_key": maybe_key(record["root_id"]),
        "state": "FAILED" if record["failure"] is not None else "EVALUATED",
    }


HANDLERS = [instances, get_instance]
