"""Decisions: definitions of every version, evaluated on request, and what was decided in running cases."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post

from api import parts
from api.errors import InvalidArgument, NothingHere
from api.filters import Field
from api.guards import client_of, scoped
from api.house import now_of
from api.keys import key_of, read_key
from api.orchestration import lookups
from api.orchestration.lookups import TENANT_FIELD
from api.parts import Part
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine import deployments
from engine.dmn import Decided, DecisionUnknown, Match
from engine.errors import EngineError
from engine.feel import FeelError
from engine.feel.json import to_json
from engine.ids import new_id

LATEST = "(p.key = (SELECT max(q.key) FROM api_part q WHERE q.kind = p.kind AND q.part = p.part))"


DEFINITIONS = Resource(
    columns="""p.key, p.part, p.title, p.version, p.detail, p.definition_hash, r.key AS requirements_key,
        r.part AS requirements_id, r.title AS requirements_title, r.version AS requirements_version""",
    source="api_part p LEFT JOIN api_part r ON r.key = p.parent",
    always="p.kind = 'decision'",
    procedure="p.slug",
    key="decisionDefinitionKey",
    fields={
        "decisionDefinitionKey": Field("p.key", "key"),
        "decisionDefinitionId": Field("p.part"),
        "name": Field("p.title"),
        "version": Field("p.version", "number"),
        "decisionRequirementsId": Field("r.part"),
        "decisionRequirementsKey": Field("r.key", "key"),
        "decisionRequirementsName": Field("r.title"),
        "decisionRequirementsVersion": Field("r.version", "number"),
        "isLatestVersion": Field(LATEST, "flag"),
        "tenantId": TENANT_FIELD,
    },
)


REQUIREMENTS = Resource(
    columns="p.key, p.part, p.title, p.version, p.resource, p.definition_hash",
    source="api_part p",
    always="p.kind = 'requirements'",
    procedure="p.slug",
    key="decisionRequirementsKey",
    fields={
        "decisionRequirementsKey": Field("p.key", "key"),
        "decisionRequirementsId": Field("p.part"),
        "decisionRequirementsName": Field("p.title"),
        "version": Field("p.version", "number"),
        "resourceName": Field("p.resource"),
        "tenantId": TENANT_FIELD,
    },
)


class DecisionDefinition(Shape, frozen=True, kw_only=True):
    """A decision of one deployed version."""

    decision_definition_id: str
    decision_definition_key: str
    decision_requirements_id: str
    decision_requirements_key: str
    decision_requirements_name: str
    decision_requirements_version: int
    name: str
    tenant_id: str = TENANT
    version: int


class DecisionDefinitions(Shape, frozen=True, kw_only=True):
    """A page of decisions."""

    items: list[DecisionDefinition]
    page: PageInfo


class DecisionRequirements(Shape, frozen=True, kw_only=True):
    """A DMN file of one deployed version."""

    decision_requirements_id: str
    decision_requirements_key: str
    decision_requirements_name: str
    resource_name: str
    tenant_id: str = TENANT
    version: int


class FoundRequirements(Shape, frozen=True, kw_only=True):
    """A page of DMN files."""

    items: list[DecisionRequirements]
    page: PageInfo


class Evaluation(Shape, frozen=True, kw_only=True):
    """What to decide: a decision by its id (its latest version) or its key, and the variables it reads."""

    decision_definition_id: str | None = None
    decision_definition_key: str | None = None
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT


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


@post("/v2/decision-definitions/search", guards=[scoped("read")], status_code=200, tags=["decisions"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> DecisionDefinitions:
    """Decisions of all versions."""
    await parts.refresh()
    found = await lookups.search(DEFINITIONS, data or Query(), client_of(request))
    return DecisionDefinitions(items=[read(record) for record in found.found], page=found.page)


@get("/v2/decision-definitions/{decision_definition_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_one(request: Request[Any, Any, Any], decision_definition_key: str) -> DecisionDefinition:
    """One decision."""
    await parts.refresh()
    return read(await lookups.get(DEFINITIONS, decision_definition_key, client_of(request)))


@get(
    "/v2/decision-definitions/{decision_definition_key:str}/xml",
    guards=[scoped("read")],
    media_type=MediaType.XML,
    tags=["decisions"],
)
async def xml(request: Request[Any, Any, Any], decision_definition_key: str) -> Response[bytes]:
    """The file of a decision as it was deployed."""
    await parts.refresh()
    return await _file("decision", await lookups.get(DEFINITIONS, decision_definition_key, client_of(request)))


@post("/v2/decision-requirements/search", guards=[scoped("read")], status_code=200, tags=["decisions"])
async def requirements(request: Request[Any, Any, Any], data: Query | None = None) -> FoundRequirements:
    """DMN files of all versions."""
    await parts.refresh()
    found = await lookups.search(REQUIREMENTS, data or Query(), client_of(request))
    return FoundRequirements(items=[read_requirements(record) for record in found.found], page=found.page)


@get("/v2/decision-requirements/{decision_requirements_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_requirements(request: Request[Any, Any, Any], decision_requirements_key: str) -> DecisionRequirements:
    """One DMN file."""
    await parts.refresh()
    return read_requirements(await lookups.get(REQUIREMENTS, decision_requirements_key, client_of(request)))


@get(
    "/v2/decision-requirements/{decision_requirements_key:str}/xml",
    guards=[scoped("read")],
    media_type=MediaType.XML,
    tags=["decisions"],
)
async def requirements_xml(request: Request[Any, Any, Any], decision_requirements_key: str) -> Response[bytes]:
    """A DMN file as it was deployed."""
    await parts.refresh()
    return await _file("requirements", await lookups.get(REQUIREMENTS, decision_requirements_key, client_of(request)))


@post("/v2/decision-definitions/evaluation", guards=[scoped("evaluate")], status_code=200, tags=["decisions"])
async def evaluate(request: Request[Any, Any, Any], data: Evaluation) -> EvaluationResult:
    """Decide now, outside any case. Nothing of it is kept."""
    client, part, now = client_of(request), await _part(data), now_of(request)
    if part is None or not client.sees(part.slug):
        raise NothingHere("No decision that the API client may ask has this id or key.")
    definition = await deployments.definition_of(part.definition_hash)
    key = key_of(new_id(now))
    try:
        decided = definition.decisions.evaluate(part.part, data.variables, now)
    except (DecisionUnknown, EngineError, FeelError) as failed:
        return await _result(part, key, Decided(None), str(failed))
    return await _result(part, key, decided, None)


async def _part(data: Evaluation) -> Part | None:
    if data.decision_definition_key is not None:
        key = read_key(data.decision_definition_key)
        if key is None:
            raise InvalidArgument("Expected “decisionDefinitionKey” to be a key: a whole number, as a text.")
        return await parts.get("decision", key)
    if not data.decision_definition_id:
        raise InvalidArgument("Expected “decisionDefinitionId” or “decisionDefinitionKey”.")
    return await parts.latest("decision", data.decision_definition_id)


async def _result(part: Part, key: str, decided: Decided, failure: str | None) -> EvaluationResult:
    above = await parts.get("requirements", part.parent) if part.parent else None
    return EvaluationResult(
        decision_definition_id=part.part,
        decision_definition_key=str(part.key),
        decision_definition_name=part.title,
        decision_definition_version=part.version,
        decision_evaluation_key=key,
        decision_instance_key=key,
        decision_requirements_id=above.part if above else part.part,
        decision_requirements_key=str(part.parent or 0),
        evaluated_decisions=[] if failure else await _evaluated(part, key, decided),
        failed_decision_definition_id=part.part if failure else None,
        failure_message=failure,
        output=json_of(to_json(decided.value)),
    )


async def _evaluated(part: Part, key: str, decided: Decided) -> list[EvaluatedDecision]:
    """Decisions in the order they were made; the one that was asked for comes last."""
    by_decision: dict[str, list[Match]] = {}
    for match in decided.matches:
        by_decision.setdefault(match.decision, []).append(match)
    for own in (part.part, part.title):
        if own in by_decision:
            by_decision[part.part] = by_decision.pop(own)
    by_decision.setdefault(part.part, [])
    made: list[EvaluatedDecision] = []
    for number, (decision, matches) in enumerate(by_decision.items(), 1):
        is_asked = decision == part.part
        known = part if is_asked else await parts.of_version("decision", decision, part.definition_hash)
        outputs = to_json(decided.value) if is_asked else matches[-1].outputs
        made.append(
            EvaluatedDecision(
                decision_definition_id=known.part if known else decision,
                decision_definition_name=known.title if known else decision,
                decision_definition_version=part.version,
                decision_definition_type=(known.detail if known else None) or "UNKNOWN",
                output=json_of(outputs),
                matched_rules=[rule_of(match) for match in matches],
                evaluated_inputs=inputs_of(matches[0].inputs if matches else {}),
                decision_definition_key=str(known.key if known else 0),
                decision_evaluation_instance_key=f"{key}-{number}",
            )
        )
    return made


def rule_of(match: Match) -> MatchedRule:
    """A rule that matched, with what it gave."""
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


def inputs_of(inputs: dict[str, Any]) -> list[EvaluatedInput]:
    """What a table looked at."""
    return [EvaluatedInput(input_id=name, input_name=name, input_value=json_of(said)) for name, said in inputs.items()]


def json_of(said: Any) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(said).decode()


async def _file(kind: str, record: Any) -> Response[bytes]:
    definition = await deployments.definition_of(record["definition_hash"])
    part = await parts.of_version(kind, record["part"], record["definition_hash"])
    if part is None:
        raise NothingHere
    return Response(definition.decision_sources[part.resource], media_type="text/xml")


def read(record: Any) -> DecisionDefinition:
    """A row as clients read it."""
    return DecisionDefinition(
        decision_definition_id=record["part"],
        decision_definition_key=str(record["key"]),
        decision_requirements_id=record["requirements_id"] or record["part"],
        decision_requirements_key=str(record["requirements_key"] or 0),
        decision_requirements_name=record["requirements_title"] or record["title"],
        decision_requirements_version=record["requirements_version"] or record["version"],
        name=record["title"],
        version=record["version"],
    )


def read_requirements(record: Any) -> DecisionRequirements:
    """A row as clients read it."""
    return DecisionRequirements(
        decision_requirements_id=record["part"],
        decision_requirements_key=str(record["key"]),
        decision_requirements_name=record["title"],
        resource_name=record["resource"],
        version=record["version"],
    )


HANDLERS = [search, get_one, xml, requirements, get_requirements, requirements_xml, evaluate]
