"""The official Python client, unmodified, where running instances are looked into and their course is changed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, errors
from camunda_orchestration_sdk.models import (
    BatchOperationItemSearchQuery,
    ElementInstanceSearchQuery,
    IncidentSearchQuery,
    JobFailRequest,
    ProcessInstanceCancellationBatchOperationRequest,
    ProcessInstanceIncidentResolutionBatchOperationRequest,
    ProcessInstanceMigrationBatchOperationRequest,
    ProcessInstanceMigrationInstruction,
    ProcessInstanceModificationBatchOperationRequest,
    ProcessInstanceModificationInstruction,
    ResourceSearchQuery,
    SearchUserTaskVariablesData,
    SearchVariablesData,
    SetVariableRequest,
)

from engine import batches
from tests.clients.test_python_client import ORDER, REVIEW, started, taken


async def another_version(camunda: CamundaAsyncClient, folder: Path) -> str:
    """The key of a second version of the order, whose step has another id."""
    changed = folder / ORDER.name
    changed.write_text(ORDER.read_text().replace('"Price"', '"Estimate"').replace("Price it", "Estimate it"))
    return (await camunda.deploy_resources_from_files([changed])).processes[0].process_definition_key


async def done(camunda: CamundaAsyncClient, key: str) -> tuple[str, int, int]:
    """How a batch ended, once the workers have done all of it: its state, what was done, what stayed."""
    while await batches.advance(10, datetime.now(UTC)):
        pass
    found = await camunda.get_batch_operation(key)
    return found.state.value, found.operations_completed_count, found.operations_failed_count


async def standing(camunda: CamundaAsyncClient, key: str) -> set[str]:
    """The elements at which an instance stands."""
    asked = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
    found = await camunda.search_element_instances(data=ElementInstanceSearchQuery.from_dict(asked))
    return {each.element_id for each in found.items}


async def test_variables_are_written_and_an_instance_is_moved_elsewhere(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files(REVIEW)
    key = (await started(camunda, "review", variables={"size": 3, "invoice": "F"})).process_instance_key

    await camunda.create_element_instance_variables(key, data=SetVariableRequest.from_dict({"variables": {"size": 9}}))
    moves = {
        "moveInstructions": [
            {"sourceElementInstruction": {"sourceType": "byId", "sourceElementId": "Review"}, "targetElementId": "Paid"}
        ]
    }
    await camunda.modify_process_instance(key, data=ProcessInstanceModificationInstruction.from_dict(moves))

    asked = SearchVariablesData.from_dict({"filter": {"processInstanceKey": key, "name": "size"}})
    assert [each.value for each in (await camunda.search_variables(data=asked)).items] == ["9"]
    assert await standing(camunda, key) == {"Paid"}
    back = {"activateInstructions": [{"elementId": "Review"}], "terminateInstructions": [{"elementId": "Paid"}]}
    await camunda.modify_process_instance(key, data=ProcessInstanceModificationInstruction.from_dict(back))
    assert await standing(camunda, key) == {"Review"}
    nowhere = {"activateInstructions": [{"elementId": "Nowhere"}]}
    with pytest.raises(errors.BadRequestError):
        await camunda.modify_process_instance(key, data=ProcessInstanceModificationInstruction.from_dict(nowhere))


async def test_an_instance_goes_on_with_another_version(camunda: CamundaAsyncClient, tmp_path: Path) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    key = (await started(camunda, variables={"size": 3})).process_instance_key
    target = await another_version(camunda, tmp_path)

    unmapped = {"targetProcessDefinitionKey": target, "mappingInstructions": []}
    with pytest.raises(errors.ConflictError):
        await camunda.migrate_process_instance(key, data=ProcessInstanceMigrationInstruction.from_dict(unmapped))
    mapped = {**unmapped, "mappingInstructions": [{"sourceElementId": "Price", "targetElementId": "Estimate"}]}
    await camunda.migrate_process_instance(key, data=ProcessInstanceMigrationInstruction.from_dict(mapped))

    found = await camunda.get_process_instance(key)
    assert (found.process_definition_key, found.process_definition_version) == (target, 2)
    assert await standing(camunda, key) == {"Estimate"}


@pytest.mark.proof
async def test_many_instances_are_migrated_moved_and_cancelled_in_batches(
    camunda: CamundaAsyncClient, tmp_path: Path
) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    keys = [(await started(camunda, variables={"size": size})).process_instance_key for size in (1, 2)]
    target, chosen = await another_version(camunda, tmp_path), {"processDefinitionId": "order"}
    mapping = [{"sourceElementId": "Price", "targetElementId": "Estimate"}]
    plan = {"targetProcessDefinitionKey": target, "mappingInstructions": mapping}
    moves = [{"sourceElementId": "Estimate", "targetElementId": "Estimate"}]

    migrated = await camunda.migrate_process_instances_batch_operation(
        data=ProcessInstanceMigrationBatchOperationRequest.from_dict({"filter": chosen, "migrationPlan": plan})
    )
    await camunda.suspend_batch_operation(migrated.batch_operation_key)
    assert await done(camunda, migrated.batch_operation_key) == ("SUSPENDED", 0, 0)
    await camunda.resume_batch_operation(migrated.batch_operation_key)
    assert await done(camunda, migrated.batch_operation_key) == ("COMPLETED", 2, 0)
    moved = await camunda.modify_process_instances_batch_operation(
        data=ProcessInstanceModificationBatchOperationRequest.from_dict({"filter": chosen, "moveInstructions": moves})
    )
    assert await done(camunda, moved.batch_operation_key) == ("COMPLETED", 2, 0)
    assert [await standing(camunda, key) for key in keys] == [{"Estimate"}] * 2
    cancelled = await camunda.cancel_process_instances_batch_operation(
        data=ProcessInstanceCancellationBatchOperationRequest.from_dict({"filter": chosen})
    )
    assert await done(camunda, cancelled.batch_operation_key) == ("COMPLETED", 2, 0)
    assert {(await camunda.get_process_instance(key)).state.value for key in keys} == {"TERMINATED"}
    asked = {"filter": {"batchOperationKey": cancelled.batch_operation_key}}
    items = await camunda.search_batch_operation_items(data=BatchOperationItemSearchQuery.from_dict(asked))
    assert [(each.state.value, each.process_instance_key in keys) for each in items.items] == [("COMPLETED", True)] * 2


@pytest.mark.proof
async def test_incidents_of_many_instances_are_resolved_in_a_batch(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    keys = [(await started(camunda, variables={"size": size})).process_instance_key for size in (1, 2, 3)]
    for job in await taken(camunda):
        await camunda.fail_job(job.job_key, data=JobFailRequest(retries=0, error_message="broken"))

    [element] = (
        await camunda.search_element_instances(
            data=ElementInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": keys[0], "hasIncident": True}})
        )
    ).items
    [of_instance] = (await camunda.search_process_instance_incidents(keys[0])).items
    [of_element] = (
        await camunda.search_element_instance_incidents(element.element_instance_key, data=IncidentSearchQuery())
    ).items
    assert of_instance.incident_key == of_element.incident_key == element.incident_key
    one = await camunda.resolve_process_instance_incidents(keys[0])
    assert await done(camunda, one.batch_operation_key) == ("COMPLETED", 1, 0)
    rest = await camunda.resolve_incidents_batch_operation(
        data=ProcessInstanceIncidentResolutionBatchOperationRequest.from_dict(
            {"filter": {"processDefinitionId": "order"}}
        )
    )
    assert await done(camunda, rest.batch_operation_key) == ("COMPLETED", 2, 0)
    assert len(await taken(camunda)) == 3


async def test_what_was_deployed_and_what_runs_is_looked_at_one_by_one(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files(REVIEW)
    key = (await started(camunda, "review", variables={"size": 3, "invoice": "F"})).process_instance_key

    asked = ResourceSearchQuery.from_dict({"filter": {"resourceName": {"$like": "*.bpmn"}}})
    [resource] = (await camunda.search_resources(data=asked)).items
    assert (await camunda.get_resource(str(resource.resource_key))).resource_id == "review"
    [decision] = (await camunda.search_decision_definitions()).items
    assert (await camunda.get_decision_definition(decision.decision_definition_key)).name == "Rating"
    [requirements] = (await camunda.search_decision_requirements()).items
    found = await camunda.get_decision_requirements(requirements.decision_requirements_key)
    assert (found.decision_requirements_id, found.resource_name) == ("ratings", "rating.dmn")
    assert "<decision " in await camunda.get_decision_requirements_xml(requirements.decision_requirements_key)
    asked_of_task = ElementInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": key, "elementId": "Review"}})
    [element] = (await camunda.search_element_instances(data=asked_of_task)).items
    assert (await camunda.get_element_instance(element.element_instance_key)).type_.value == "USER_TASK"
    [only] = await camunda.get_process_instance_call_hierarchy(key)
    assert only.process_definition_name == "Review a request"
    [task] = (await camunda.search_user_tasks()).items
    named: Any = SearchUserTaskVariablesData.from_dict({"filter": {"name": {"$in": ["size", "rating"]}}})
    seen = await camunda.search_user_task_variables(task.user_task_key, data=named)
    assert {each.name: each.value for each in seen.items} == {"size": "3", "rating": '"light"'}
    effective = await camunda.search_user_task_effective_variables(task.user_task_key)
    assert {"size", "invoice"} <= {each.name for each in effective.items}
