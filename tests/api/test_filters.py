"""Searches take every filter and every order that the official client's models know, or refuse it by its name."""

import importlib
import re
from datetime import datetime
from typing import Any

import attrs
import pytest
from httpx import AsyncClient

from api.shapes import camel
from tests.api.conftest import Asking
from tests.clients.test_python_client import ORDER, REVIEW

MODELS = "camunda_orchestration_sdk.models"
# Resource → the beginning of the names of its models.
SEARCHED = {
    "process-definitions": "process_definition",
    "process-instances": "process_instance",
    "element-instances": "element_instance",
    "variables": "variable",
    "jobs": "job",
    "user-tasks": "user_task",
    "incidents": "incident",
    "message-subscriptions": "message_subscription",
    "decision-definitions": "decision_definition",
    "decision-requirements": "decision_requirements",
    "decision-instances": "decision_instance",
    "resources": "resource",
    "batch-operations": "batch_operation",
    "batch-operation-items": "batch_operation_item",
}
NOT_SERVED = {"process-instances": {"incidentErrorHashCode"}, "element-instances": {"elementInstanceScopeKey"}}
NAMES = {"type_": "type", "or_": "$or"}
WORDS = {"in_": "$in", "not_in": "$notIn"}
ANNOTATED = re.compile(r"\b(Advanced\w+Filter|BasicStringFilter)\b")
LISTS: dict[str, Any] = {
    "tags": ["urgent"],
    "variables": [{"name": "size", "value": {"$like": "3*", "$in": ["3", "x"], "$neq": '"4"', "$exists": True}}],
}
LISTS |= dict.fromkeys(("processInstanceVariables", "localVariables"), LISTS["variables"])


def model(name: str) -> Any:
    """A class of the official client, by its module's name."""
    module = importlib.import_module(f"{MODELS}.{name}")
    return getattr(module, "".join(part.title() for part in name.split("_")))


def fields_of(prefix: str) -> dict[str, str]:
    """The filters of a resource, as they are sent, with their annotations."""
    found = attrs.fields(model(f"{prefix}_search_query_filter"))
    return {
        NAMES.get(each.name) or camel(each.name): str(each.type)
        for each in found
        if each.name not in ("additional_properties", "or_")
    }


def orders_of(prefix: str) -> list[str]:
    return [each.value for each in model(f"{prefix}_search_query_sort_request_field")]


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def example(name: str, annotation: str) -> Any:
    """A value that such a filter takes."""
    if name in LISTS:
        return LISTS[name]
    if "bool" in annotation:
        return True
    if "datetime" in annotation:
        return "2026-11-24T09:00:00Z"
    if re.search(r"\bint\b", annotation):
        return 1
    known = re.search(r"\b(\w+(?:Enum|ExactMatch|FilterType|FilterActorType|FilterEq|FilterNeq))\b", annotation)
    if known:
        return next(iter(model(snake(known[1])))).value
    if name == "decisionEvaluationInstanceKey":
        return "1-1"
    return "1" if name.endswith("Key") or name == "batchOperationId" else "a"


def asked_of(name: str, annotation: str) -> list[Any]:
    """What a filter may be: its plain value, all its operators at once, and each of its choices."""
    asked = [example(name, annotation)]
    advanced = ANNOTATED.search(annotation)
    if advanced and name not in LISTS:
        operators: dict[str, Any] = {}
        for each in attrs.fields(model(snake(advanced[1]))):
            if each.name == "additional_properties" or (each.name == "like" and name.startswith("batchOperation")):
                continue  # A key is one number: nothing is like it.
            if each.name in WORDS:
                operators[WORDS[each.name]] = [asked[0]]
            else:
                operators[f"${each.name}"] = True if each.name == "exists" else asked[0]
        asked.append(operators)
        asked.append({"$exists": False})
    known = re.search(r"\b(\w+(?:ExactMatch|Enum))\b", annotation)
    asked += [choice.value for choice in model(snake(known[1]))] if known else []
    return asked


async def something_of_everything(client: AsyncClient) -> None:
    for files in ([ORDER], REVIEW):
        parts = [("resources", (file.name, file.read_bytes())) for file in files]
        assert (await client.post("/v2/deployments", files=parts)).status_code == 200
    for process in ("order", "review", "review"):
        body = {"processDefinitionId": process, "variables": {"size": 3, "invoice": "F"}, "tags": ["urgent", "paper"]}
        answer = await client.post("/v2/process-instances", json=body)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def client(asking: Asking) -> AsyncClient:
    made = await asking()
    await something_of_everything(made)
    return made


async def test_every_filter_of_the_official_client_is_taken_or_refused_by_its_name(client: AsyncClient) -> None:
    wrong: list[Any] = []
    tried = 0

    for resource, prefix in SEARCHED.items():
        for name, annotation in fields_of(prefix).items():
            for asked in asked_of(name, annotation):
                answer = await client.post(f"/v2/{resource}/search", json={"filter": {name: asked}})
                tried += 1
                refused = name in NOT_SERVED.get(resource, ())
                if answer.status_code != (400 if refused else 200) or (refused and f"“{name}”" not in answer.text):
                    wrong.append((resource, name, asked, answer.status_code, answer.text[:200]))

    assert wrong == []
    assert tried > 300


async def test_every_order_of_the_official_client_is_followed_page_by_page_both_ways(client: AsyncClient) -> None:
    wrong: list[Any] = []

    async def page(resource: str, field: str, order: str, **asked: Any) -> Any:
        body = {"sort": [{"field": field, "order": order}], "page": {"limit": 1, **asked}}
        answer = await client.post(f"/v2/{resource}/search", json=body)
        if answer.status_code != 200:
            wrong.append((resource, field, asked, answer.text[:200]))
        return answer.json() if answer.status_code == 200 else {"items": [], "page": {}}

    for resource, prefix in SEARCHED.items():
        for field in orders_of(prefix):
            first = await page(resource, field, "DESC")
            if not first["items"]:
                continue
            second = await page(resource, field, "DESC", after=first["page"]["endCursor"])
            if second["items"]:
                back = await page(resource, field, "DESC", before=second["page"]["startCursor"])
                assert back["items"] == first["items"] != second["items"], (resource, field)

    assert wrong == []


async def test_what_no_search_knows_is_refused(client: AsyncClient) -> None:
    asked: list[dict[str, Any]] = [
        {"filters": {}},
        {"filter": {"nothing": 1}},
        {"page": {"size": 1}},
        {"sort": [{"field": "nothing"}]},
        {"sort": [{"field": "name", "direction": "ASC"}]},
    ]

    for resource in SEARCHED:
        for body in asked:
            answer = await client.post(f"/v2/{resource}/search", json=body)
            assert answer.status_code == 400, (resource, body, answer.text[:200])
    [task] = (await client.post("/v2/user-tasks/search", json={"page": {"limit": 1}})).json()["items"]
    for what in ("variables", "effective-variables"):
        address = f"/v2/user-tasks/{task['userTaskKey']}/{what}/search"
        assert (await client.post(address, json={"filter": {"nothing": 1}})).status_code == 400


async def count(client: AsyncClient, resource: str, **filters: Any) -> int:
    answer = await client.post(f"/v2/{resource}/search", json={"filter": filters})
    assert answer.status_code == 200, answer.text
    return answer.json()["page"]["totalItems"]


async def key_of_order(client: AsyncClient) -> str:
    """The key of the one instance of the process “order”."""
    found = await client.post("/v2/process-instances/search", json={"filter": {"processDefinitionId": "order"}})
    return found.json()["items"][0]["processInstanceKey"]


def holds(name: str, value: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value}]


async def test_instances_are_found_by_their_variables(client: AsyncClient) -> None:
    asked: list[tuple[list[dict[str, Any]], int]] = [
        (holds("size", "3"), 3),
        (holds("size", "4"), 0),
        (holds("size", {"$neq": "4"}), 3),
        (holds("size", {"$notIn": ["3"]}), 0),
        (holds("invoice", '"F"'), 3),
        (holds("invoice", {"$like": '"F*'}), 3),
        (holds("nothing", {"$exists": False}), 3),
        (holds("nothing", {"$neq": "1"}), 0),
        (holds("rating", {"$exists": True}), 2),
        (holds("rating", '"light"') + holds("size", "3"), 2),
        (holds("rating", '"light"') + holds("size", "4"), 0),
    ]

    assert [(each, await count(client, "process-instances", variables=each)) for each, _ in asked] == asked
    assert await count(client, "user-tasks", processInstanceVariables=holds("size", "3")) == 2


async def test_a_variable_that_was_written_again_is_found_by_what_it_is_now(client: AsyncClient) -> None:
    found = (
        await client.post("/v2/process-instances/search", json={"filter": {"processDefinitionId": "order"}})
    ).json()
    key = found["items"][0]["processInstanceKey"]

    written = await client.put(
        f"/v2/element-instances/{key}/variables", json={"variables": {"size": {"b": 1, "a": [2]}}}
    )

    assert written.status_code == 204
    assert await count(client, "process-instances", variables=holds("size", "3")) == 2
    assert await count(client, "process-instances", variables=holds("size", '{"a":[2],"b":1}')) == 1


async def test_instances_and_tasks_are_found_by_all_their_tags(client: AsyncClient) -> None:
    asked: list[tuple[list[str], int]] = [(["urgent"], 3), (["paper", "urgent"], 3), (["urgent", "other"], 0), ([], 3)]

    assert [(tags, await count(client, "process-instances", tags=tags)) for tags, _ in asked] == asked
    assert await count(client, "user-tasks", tags=["urgent"]) == 2
    [task, *_] = (await client.post("/v2/user-tasks/search", json={})).json()["items"]
    assert sorted(task["tags"]) == ["paper", "urgent"]


async def test_what_is_asked_of_elements_is_asked_of_one_of_them(client: AsyncClient) -> None:
    [task, *_] = (await client.post("/v2/user-tasks/search", json={})).json()["items"]
    waiting, left = task["elementId"], {"$neq": task["elementId"]}

    assert await count(client, "process-instances", elementId=waiting, elementInstanceState="ACTIVE") == 2
    assert await count(client, "process-instances", elementId=waiting, elementInstanceState="COMPLETED") == 0
    assert await count(client, "process-instances", processDefinitionId="review", elementId=left) == 2
    assert await count(client, "process-instances", elementId={"$like": f"{waiting[:2]}*"}) == 2
    assert await count(client, "process-instances", hasElementInstanceIncident=True) == 0


async def test_instances_are_found_by_the_batch_they_were_in(client: AsyncClient, now: datetime) -> None:
    begun = await client.post("/v2/process-instances/cancellation", json={"filter": {"processDefinitionId": "order"}})
    key = begun.json()["batchOperationKey"]

    assert await count(client, "process-instances", batchOperationKey=key) == 1
    assert await count(client, "process-instances", batchOperationId={"$in": [key]}) == 1
    assert await count(client, "process-instances", batchOperationKey={"$exists": False}) == 2


async def test_long_values_are_whole_for_who_asks_for_them(client: AsyncClient) -> None:
    found = (
        await client.post("/v2/process-instances/search", json={"filter": {"processDefinitionId": "order"}})
    ).json()
    key = found["items"][0]["processInstanceKey"]
    await client.put(f"/v2/element-instances/{key}/variables", json={"variables": {"text": "x" * 10_000}})
    asked = {"filter": {"processInstanceKey": key, "name": "text"}}

    [cut] = (await client.post("/v2/variables/search", json=asked)).json()["items"]
    [whole] = (await client.post("/v2/variables/search?truncateValues=false", json=asked)).json()["items"]

    assert (cut["isTruncated"], len(cut["value"])) == (True, 8_191)
    assert (whole["isTruncated"], len(whole["value"])) == (False, 10_002)
