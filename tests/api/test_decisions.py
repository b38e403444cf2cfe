"""Decisions asked on request are kept, and found with those of cases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from accounts import clients
from api import evaluations, searching
from api.orchestration.decided import INSTANCES
from api.searching import PageAsked, Query, Sort
from api.store import rows, run, value
from tests.api.conftest import Asking
from tests.clients.test_python_client import REVIEW
from tests.web.conftest import Clock

FEES = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="Fees"
    namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="fee" name="Fee">
    <informationRequirement id="r1"><requiredDecision href="#rate"/></informationRequirement>
    <informationRequirement id="r2"><requiredDecision href="#base"/></informationRequirement>
    <variable id="v1" name="fee"/>
    <literalExpression id="l1"><text>rate * base * days</text></literalExpression>
  </decision>
  <decision id="base" name="Base">
    <variable id="v2" name="base"/>
    <literalExpression id="l2"><text>10</text></literalExpression>
  </decision>
  <decision id="rate" name="Rate">
    <variable id="v3" name="rate"/>
    <decisionTable id="t1" hitPolicy="UNIQUE">
      <input id="i1" label="Kind"><inputExpression id="e1"><text>kind</text></inputExpression></input>
      <output id="o1" name="rate"/>
      <rule id="person"><inputEntry id="a1"><text>"person"</text></inputEntry>
        <outputEntry id="b1"><text>1</text></outputEntry></rule>
      <rule id="firm"><inputEntry id="a2"><text>"firm"</text></inputEntry>
        <outputEntry id="b2"><text>2.5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""
FIRM = {"kind": "firm", "days": 3}


async def deployed(client: AsyncClient) -> None:
    answer = await client.post("/v2/deployments", files=[("resources", ("fees.dmn", FEES.encode()))])
    assert answer.status_code == 200, answer.text


async def asked(client: AsyncClient, decision: str = "fee", **variables: Any) -> dict[str, Any]:
    body = {"decisionDefinitionId": decision, "variables": variables}
    answer = await client.post("/v2/decision-definitions/evaluation", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def found(client: AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    answer = await client.post("/v2/decision-instances/search", json={"filter": filters})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_a_decision_says_on_request_is_found_with_what_it_required(asking: Asking) -> None:
    client = await asking()
    await deployed(client)

    said = await asked(client, **FIRM)

    assert said["output"] == "75"
    made = [(each["decisionDefinitionId"], each["output"]) for each in said["evaluatedDecisions"]]
    assert made == [("rate", "2.5"), ("fee", "75")]
    key = said["decisionEvaluationKey"]
    kept = await found(client, decisionEvaluationKey=key)
    assert [(each["decisionDefinitionId"], each["result"]) for each in kept] == made
    assert [each["decisionEvaluationInstanceKey"] for each in kept] == [f"{key}-1", f"{key}-2"]
    assert [each["decisionEvaluationInstanceKey"] for each in said["evaluatedDecisions"]] == [f"{key}-1", f"{key}-2"]
    assert {each["rootDecisionDefinitionKey"] for each in kept} == {said["decisionDefinitionKey"]}
    assert {(each["state"], each["processInstanceKey"], each["elementInstanceKey"]) for each in kept} == {
        ("EVALUATED", None, None)
    }


async def test_an_evaluation_is_read_again_with_the_rules_that_matched(asking: Asking) -> None:
    client = await asking()
    await deployed(client)
    said = await asked(client, **FIRM)

    rate, fee = [
        (await client.get(f"/v2/decision-instances/{each['decisionEvaluationInstanceKey']}")).json()
        for each in said["evaluatedDecisions"]
    ]

    assert [rule["ruleId"] for rule in rate["matchedRules"]] == ["firm"]
    assert rate["evaluatedInputs"] == [{"inputId": "Kind", "inputName": "Kind", "inputValue": '"firm"'}]
    assert (rate["decisionDefinitionType"], fee["decisionDefinitionType"]) == ("DECISION_TABLE", "LITERAL_EXPRESSION")
    assert (fee["result"], fee["matchedRules"]) == ("75", [])
    assert (await client.get(f"/v2/decision-instances/{said['decisionEvaluationKey']}-3")).status_code == 404
    assert (await client.get("/v2/decision-instances/nothing")).status_code == 400


async def test_a_required_table_that_adds_up_says_its_sum(asking: Asking) -> None:
    client = await asking()
    adding = FEES.replace('hitPolicy="UNIQUE"', 'hitPolicy="COLLECT" aggregation="SUM"').replace('"person"', '"firm"')
    answer = await client.post("/v2/deployments", files=[("resources", ("fees.dmn", adding.encode()))])
    assert answer.status_code == 200, answer.text

    said = await asked(client, **FIRM)

    assert [each["output"] for each in said["evaluatedDecisions"]] == ["3.5", "105"]


async def test_a_decision_that_fails_is_kept_as_failed(asking: Asking) -> None:
    client = await asking()
    await deployed(client)
    endless = "for i in 1..10000000 return for j in 1..10000000 return i + j"
    answer = await client.post(
        "/v2/deployments", files=[("resources", ("endless.dmn", FEES.replace("rate * base * days", endless).encode()))]
    )
    assert answer.status_code == 200, answer.text

    said = await asked(client, **FIRM)

    assert said["failureMessage"] and said["failedDecisionDefinitionId"] == "fee"
    [kept] = await found(client, state="FAILED")
    assert (kept["evaluationFailure"], kept["result"]) == (said["failureMessage"], "null")
    assert await found(client, state="EVALUATED") == []


FILTERS: list[tuple[dict[str, Any], int]] = [
    ({"decisionDefinitionId": "rate"}, 1),
    ({"decisionDefinitionType": "LITERAL_EXPRESSION"}, 1),
    ({"decisionDefinitionName": "Fee"}, 1),
    ({"decisionDefinitionVersion": 1}, 2),
    ({"evaluationFailure": {"$exists": False}}, 2),
    ({"processInstanceKey": "1"}, 0),
    ({"state": {"$in": ["EVALUATED", "FAILED"]}}, 2),
    ({"state": "UNKNOWN"}, 0),
    ({"evaluationDate": {"$gte": "2020-01-01T00:00:00Z"}}, 2),
    ({"decisionEvaluationInstanceKey": {"$in": ["1-1", "2-2"]}}, 0),
]


async def test_evaluations_answer_to_filters(asking: Asking) -> None:
    client = await asking()
    await deployed(client)
    await asked(client, **FIRM)

    assert [(filters, len(await found(client, **filters))) for filters, _ in FILTERS] == FILTERS


async def test_evaluations_of_a_procedure_are_seen_by_who_may_see_it(asking: Asking) -> None:
    client, stranger = await asking(), await asking(procedures=["permit"])
    await deployed(client)
    said = await asked(client, **FIRM)
    key = said["decisionEvaluationKey"]

    assert await found(stranger) == []
    assert (await stranger.get(f"/v2/decision-instances/{key}-2")).status_code == 404
    assert (await client.get(f"/v2/decision-instances/{key}-2")).status_code == 200


async def test_the_latest_decision_is_the_latest_that_the_client_may_see(asking: Asking) -> None:
    client = await asking()
    reviewing = [("resources", (file.name, file.read_bytes())) for file in REVIEW]
    assert (await client.post("/v2/deployments", files=reviewing)).status_code == 200
    alone = [("resources", (REVIEW[1].name, REVIEW[1].read_bytes().replace(b'"heavy"', b'"large"')))]
    assert (await client.post("/v2/deployments", files=alone)).status_code == 200
    kept = await asking(procedures=["review"])

    assert (await asked(client, "rating", size=30))["output"] == '"large"'
    assert (await asked(kept, "rating", size=30))["output"] == '"heavy"'


async def test_decisions_of_cases_and_on_request_are_one_list_read_page_by_page(asking: Asking) -> None:
    client = await asking()
    parts = [("resources", (file.name, file.read_bytes())) for file in REVIEW]
    assert (await client.post("/v2/deployments", files=parts)).status_code == 200
    for size in (3, 30):
        body = {"processDefinitionId": "review", "variables": {"size": size, "invoice": "F"}}
        assert (await client.post("/v2/process-instances", json=body)).status_code == 200
        await asked(client, "rating", size=size)
    seen: list[Any] = []
    page: dict[str, Any] = {"limit": 3}

    for field in ("evaluationDate", "decisionEvaluationKey"):
        while True:
            body = {"sort": [{"field": field, "order": "DESC"}], "page": page}
            response = await client.post("/v2/decision-instances/search", json=body)
            assert response.status_code == 200, response.text
            answer = response.json()
            if not answer["items"]:
                break
            seen += answer["items"]
            page = {"limit": 3, "after": answer["page"]["endCursor"]}
        assert sorted(each["result"] for each in seen) == ['"heavy"'] * 2 + ['"light"'] * 2
        assert len({each["decisionEvaluationInstanceKey"] for each in seen}) == 4
        assert [each["processInstanceKey"] is None for each in seen].count(True) == 2
        seen, page = [], {"limit": 3}


async def test_a_text_the_database_cannot_keep_is_refused(asking: Asking) -> None:
    client = await asking()
    file = ("texts.dmn", FEES.replace("rate * base * days", "kind").encode())
    assert (await client.post("/v2/deployments", files=[("resources", file)])).status_code == 200

    body = {"decisionDefinitionId": "fee", "variables": {"kind": "a\0b"}}
    answer = await client.post("/v2/decision-definitions/evaluation", json=body)

    assert (answer.status_code, await found(client)) == (400, [])


async def test_evaluations_are_forgotten_after_a_month_and_beyond_the_most(
    asking: Asking, clock: Clock, now: datetime
) -> None:
    client = await asking()
    await deployed(client)
    first = await asked(client, **FIRM)
    clock.now += timedelta(days=29)
    second, third = await asked(client, **FIRM), await asked(client, **FIRM)

    assert await evaluations.forget_old(now + timedelta(days=31)) == 1
    assert await found(client, decisionEvaluationKey=first["decisionEvaluationKey"]) == []
    assert len(await found(client, decisionEvaluationKey=second["decisionEvaluationKey"])) == 2
    await evaluations.trim(1)
    assert await found(client, decisionEvaluationKey=second["decisionEvaluationKey"]) == []
    assert len(await found(client, decisionEvaluationKey=third["decisionEvaluationKey"])) == 2


async def test_a_trace_too_large_to_keep_is_left_out_and_the_answer_stays(now: datetime, database: Any) -> None:
    rule = {"decision": "fee", "outputs": {"fee": "x" * 1000}}

    await evaluations.keep(1 << 60, "hash", now, None, {"decision": "fee", "answer": 7, "matches": [rule] * 1000})

    assert await value("SELECT details->>'answer' || (details->'matches')::text FROM api_evaluation") == "7[]"


async def test_a_page_of_what_was_decided_is_read_in_the_order_of_keys(
    asking: Asking, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await asking()
    await deployed(client)
    await asked(client, **FIRM)
    await run(
        """INSERT INTO api_evaluation SELECT key + n, definition_hash, at, failure, details
            FROM api_evaluation, generate_series(1, 5000) n"""
    )
    await run("ANALYZE api_evaluation, engine_history")
    statements: list[tuple[str, tuple[Any, ...]]] = []

    async def noted(sql: str, *values: Any) -> list[Any]:
        statements.append((sql, values))
        return await rows(sql, *values)

    monkeypatch.setattr(searching, "rows", noted)
    query = Query(sort=[Sort(field="decisionEvaluationKey", order="DESC")], page=PageAsked(limit=50))
    [known] = await clients.everyone()
    found_rows = await searching.search(INSTANCES, query, known)
    [(sql, values)] = statements
    plan = "\n".join(record[0] for record in await rows(f"EXPLAIN {sql}", *values))

    assert len(found_rows.found) == 50
    assert "Merge Append" in plan and "Seq Scan on api_evaluation" not in plan, plan
