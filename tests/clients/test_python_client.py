"""The official Python client, unmodified: its typed answers raise where a field is missing or of another kind."""

import asyncio
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, errors
from camunda_orchestration_sdk.models import (
    DecisionEvaluationByID,
    DecisionEvaluationByIdVariables,
    ElementInstanceSearchQuery,
    ExpressionEvaluationRequest,
    IncidentSearchQuery,
    JobActivationRequest,
    JobCompletionRequest,
    JobErrorRequest,
    JobFailRequest,
    JobSearchQuery,
    JobUpdateRequest,
    MessageCorrelationRequest,
    MessagePublicationRequest,
    ProcessCreationById,
    ProcessCreationByKey,
    ProcessDefinitionSearchQuery,
    ProcessInstanceSearchQuery,
    SearchVariablesData,
    SignalBroadcastRequest,
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
    UserTaskUpdateRequest,
)
from camunda_orchestration_sdk.runtime.job_worker import JobError, WorkerConfig

from tests.clients.town import DIAGRAMS

ORDER = DIAGRAMS / "order.bpmn"
REVIEW = [DIAGRAMS / name for name in ("review.bpmn", "rating.dmn", "opinion.form")]


async def started(camunda: CamundaAsyncClient, process: str = "order", **details: Any) -> Any:
    """An instance of the latest version of a process."""
    asked = {"processDefinitionId": process, **details}
    return await camunda.create_process_instance(data=ProcessCreationById.from_dict(asked))


async def taken(camunda: CamundaAsyncClient, wait: int = 2000) -> list[Any]:
    """Jobs of the type `price`."""
    asked = JobActivationRequest(type_="price", timeout=60_000, max_jobs_to_activate=5, request_timeout=wait)
    return (await camunda.activate_jobs(data=asked)).jobs


async def test_the_town_presents_itself(camunda: CamundaAsyncClient) -> None:
    topology, license_, me = (
        await camunda.get_topology(),
        await camunda.get_license(),
        await camunda.get_authentication(),
    )

    assert (topology.gateway_version, topology.cluster_size) == ("8.9.0", 1)
    assert (license_.valid_license, license_.is_commercial) == (True, False)
    assert me.display_name == "Portail voisin"
    await camunda.get_status()


async def test_diagrams_decisions_and_forms_are_deployed_and_found(camunda: CamundaAsyncClient) -> None:
    deployed = await camunda.deploy_resources_from_files(REVIEW)
    again = await camunda.deploy_resources_from_files(REVIEW)

    [process] = deployed.processes
    assert (process.process_definition_id, process.process_definition_version) == ("review", 1)
    assert [decision.decision_definition_id for decision in deployed.decisions] == ["rating"]
    assert [form.form_id for form in deployed.forms] == ["opinion"]
    assert again.processes[0].process_definition_key == process.process_definition_key
    asked = ProcessDefinitionSearchQuery.from_dict({"filter": {"processDefinitionId": {"$like": "rev*"}}})
    [found] = (await camunda.search_process_definitions(data=asked)).items
    assert (found.name, found.version) == ("Review a request", 1)
    xml = await camunda.get_process_definition_xml(found.process_definition_key)
    assert xml == REVIEW[0].read_text()
    assert (await camunda.get_process_definition(found.process_definition_key)).resource_name == "review.bpmn"


async def test_a_diagram_the_gate_refuses_is_refused_with_the_reason(
    camunda: CamundaAsyncClient, tmp_path: Any
) -> None:
    broken = tmp_path / "order.bpmn"
    broken.write_text(ORDER.read_text().replace('targetRef="Price"', 'targetRef="Nowhere"'))

    with pytest.raises(errors.BadRequestError) as refused:
        await camunda.deploy_resources_from_files([broken])

    assert "order.bpmn" in str(refused.value.parsed.detail)


async def test_a_worker_completes_its_jobs_and_the_result_is_awaited(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    seen: list[Any] = []

    async def price(job: Any) -> dict[str, Any]:
        seen.append((job.variables.to_dict()["size"], job.custom_headers.to_dict()))
        return {"price": 12.5}

    config = WorkerConfig(job_type="price", job_timeout_milliseconds=60_000, request_timeout_milliseconds=5_000)
    worker = camunda.create_job_worker(config, price)
    result = await started(camunda, variables={"size": 3}, awaitCompletion=True, fetchVariables=["price", "size"])
    worker.stop()

    assert result.variables.to_dict() == {"price": 12.5, "size": 3}
    assert seen == [(3, {"currency": "EUR"})]
    found = await camunda.get_process_instance(result.process_instance_key)
    assert (found.state.value, found.process_definition_version) == ("COMPLETED", 1)


async def test_a_job_that_comes_while_a_worker_waits_is_taken_at_once(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    waiting = asyncio.create_task(taken(camunda, wait=20_000))
    await asyncio.sleep(0.3)
    assert not waiting.done()

    created = await started(camunda, variables={"size": 3})

    async with asyncio.timeout(5):
        [job] = await waiting
    assert job.process_instance_key == created.process_instance_key
    assert (job.retries, job.element_id, job.worker) == (2, "Price", "Portail voisin")


async def test_a_modelled_error_takes_its_path(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    created = await started(camunda)
    [job] = await taken(camunda)

    await camunda.throw_job_error(job.job_key, data=JobErrorRequest(error_code="NO_PRICE", error_message="none"))

    asked = ElementInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": created.process_instance_key}})
    found = {each.element_id: each for each in (await camunda.search_element_instances(data=asked)).items}
    assert (found["Price"].state.value, found["Refused"].state.value) == ("TERMINATED", "COMPLETED")
    assert found["Price"].type_.value == "SERVICE_TASK"
    with pytest.raises(errors.NotFoundError):
        await camunda.complete_job(job.job_key, data=JobCompletionRequest())


async def test_a_failed_job_is_tried_again_then_opens_an_incident_that_is_resolved(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])
    created = await started(camunda)
    [job] = await taken(camunda)

    await camunda.fail_job(job.job_key, data=JobFailRequest(retries=1, error_message="busy", retry_back_off=1))
    await asyncio.sleep(0.05)
    [again] = await taken(camunda)
    await camunda.fail_job(again.job_key, data=JobFailRequest(retries=0, error_message="broken"))

    assert (again.job_key, again.retries) == (job.job_key, 1)
    asked = IncidentSearchQuery.from_dict({"filter": {"processInstanceKey": created.process_instance_key}})
    [incident] = (await camunda.search_incidents(data=asked)).items
    assert (incident.error_type, incident.error_message, incident.job_key) == ("JOB_NO_RETRIES", "broken", job.job_key)
    assert (await camunda.get_incident(incident.incident_key)).state.value == "ACTIVE"
    await camunda.update_job(job.job_key, data=JobUpdateRequest.from_dict({"changeset": {"retries": 3}}))
    await camunda.resolve_incident(incident.incident_key)
    [mended] = await taken(camunda)
    await camunda.complete_job(mended.job_key, data=JobCompletionRequest())
    assert (await camunda.get_process_instance(created.process_instance_key)).state.value == "COMPLETED"
    jobs = await camunda.search_jobs(data=JobSearchQuery.from_dict({"filter": {"type": "price"}}))
    assert {each.state.value for each in jobs.items} == {"COMPLETED", "FAILED"}


async def test_a_case_goes_through_a_task_a_message_and_a_signal(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files(REVIEW)
    created = await started(camunda, "review", variables={"size": 20, "invoice": "F-7"}, businessId="B-1", tags=["x"])
    key = created.process_instance_key

    [task] = (
        await camunda.search_user_tasks(data=UserTaskSearchQuery.from_dict({"filter": {"state": "CREATED"}}))
    ).items
    form = await camunda.get_user_task_form(task.user_task_key)
    assignment = UserTaskAssignmentRequest(assignee="ana@ville.example")
    await camunda.assign_user_task(task.user_task_key, data=assignment)
    changes = {"changeset": {"priority": 80, "dueDate": "2027-01-05T10:00:00Z"}}
    await camunda.update_user_task(task.user_task_key, data=UserTaskUpdateRequest.from_dict(changes))
    assigned = await camunda.get_user_task(task.user_task_key)
    await camunda.unassign_user_task(task.user_task_key)
    answers = UserTaskCompletionRequest.from_dict({"variables": {"approved": True, "comment": "fine"}})
    await camunda.complete_user_task(task.user_task_key, data=answers)
    await camunda.publish_message(
        data=MessagePublicationRequest(name="paid", correlation_key="F-7", message_id="m1", time_to_live=60_000)
    )
    await camunda.broadcast_signal(data=SignalBroadcastRequest(signal_name="open"))

    assert '"type": "checkbox"' in form.schema
    assert (assigned.assignee, assigned.priority, assigned.process_name) == (
        "ana@ville.example",
        80,
        "Review a request",
    )
    assert created.business_id == "B-1"
    ended = await camunda.get_process_instance(key)
    assert (ended.state.value, ended.business_id, ended.tags) == ("COMPLETED", "B-1", ["x"])
    asked = SearchVariablesData.from_dict({"filter": {"processInstanceKey": key, "name": "rating"}})
    found = await camunda.search_variables(data=asked)
    [rating] = found.items
    assert (rating.value, (await camunda.get_variable(rating.variable_key)).value) == ('"heavy"', '"heavy"')
    [decided] = (await camunda.search_decision_instances()).items
    assert (decided.decision_definition_id, decided.result) == ("rating", '"heavy"')
    traced = await camunda.get_decision_instance(decided.decision_evaluation_instance_key)
    assert [rule.rule_id for rule in traced.matched_rules] == ["large"]
    with pytest.raises(errors.NotFoundError):
        await camunda.complete_user_task(task.user_task_key, data=answers)


async def test_a_message_is_correlated_with_who_waits_or_refused(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files(REVIEW)
    created = await started(camunda, "review", variables={"size": 2, "invoice": "F-8"})
    [task] = (await camunda.search_user_tasks()).items
    asked = MessageCorrelationRequest(name="paid", correlation_key="F-8")
    with pytest.raises(errors.NotFoundError):
        await camunda.correlate_message(data=asked)

    answers = UserTaskCompletionRequest.from_dict({"variables": {"approved": True}})
    await camunda.complete_user_task(task.user_task_key, data=answers)
    [waiting] = (await camunda.search_message_subscriptions()).items
    reached = await camunda.correlate_message(data=asked)

    assert (waiting.message_name, waiting.correlation_key) == ("paid", "F-8")
    assert reached.process_instance_key == created.process_instance_key
    again = MessagePublicationRequest(name="paid", correlation_key="F-9", message_id="m1", time_to_live=60_000)
    await camunda.publish_message(data=again)
    with pytest.raises(errors.UnexpectedStatus):
        await camunda.publish_message(data=again)


async def test_decisions_and_expressions_are_evaluated(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([DIAGRAMS / "rating.dmn"])
    variables = DecisionEvaluationByIdVariables.from_dict({"size": 4})

    decided = await camunda.evaluate_decision(
        data=DecisionEvaluationByID(decision_definition_id="rating", variables=variables)
    )
    said = await camunda.evaluate_expression(
        data=ExpressionEvaluationRequest.from_dict({"expression": "=1 + a", "variables": {"a": 2}})
    )

    assert decided.output == '"light"'
    [table] = decided.evaluated_decisions
    assert [rule.rule_id for rule in table.matched_rules] == ["small"]
    assert table.evaluated_inputs[0].input_value == "4"
    assert (said.result, said.warnings) == (3, [])
    [definition] = (await camunda.search_decision_definitions()).items
    assert (definition.name, definition.decision_requirements_id) == ("Rating", "ratings")
    assert "<decision " in await camunda.get_decision_definition_xml(definition.decision_definition_key)
    assert (await camunda.search_process_definitions()).items == []


async def test_instances_are_searched_page_by_page(camunda: CamundaAsyncClient) -> None:
    deployed = await camunda.deploy_resources_from_files([ORDER])
    definition = deployed.processes[0].process_definition_key
    made = [
        (await camunda.create_process_instance(data=ProcessCreationByKey(process_definition_key=definition)))
        for _ in range(5)
    ]
    await camunda.cancel_process_instance(made[0].process_instance_key, data=None)

    async def page(**asked: Any) -> Any:
        query = {"filter": {"processDefinitionKey": definition, "state": "ACTIVE"}, **asked}
        return await camunda.search_process_instances(data=ProcessInstanceSearchQuery.from_dict(query))

    newest_first = [{"field": "startDate", "order": "DESC"}]
    first = await page(sort=newest_first, page={"limit": 3})
    second = await page(sort=newest_first, page={"limit": 3, "after": first.page.end_cursor})
    back = await page(sort=newest_first, page={"limit": 3, "before": second.page.start_cursor})

    keys = [each.process_instance_key for each in (*first.items, *second.items)]
    assert keys == [each.process_instance_key for each in reversed(made[1:])]
    assert [each.process_instance_key for each in back.items] == keys[:3]
    assert (first.page.total_items, first.page.has_more_total_items) == (4, False)
    [cancelled] = (
        await camunda.search_process_instances(
            data=ProcessInstanceSearchQuery.from_dict({"filter": {"state": {"$neq": "ACTIVE"}}})
        )
    ).items
    assert (cancelled.state.value, cancelled.process_instance_key) == ("TERMINATED", made[0].process_instance_key)


async def test_a_job_error_raised_by_a_worker_is_a_modelled_error(camunda: CamundaAsyncClient) -> None:
    await camunda.deploy_resources_from_files([ORDER])

    async def price(job: Any) -> dict[str, Any]:
        raise JobError("NO_PRICE", "no idea")

    config = WorkerConfig(job_type="price", job_timeout_milliseconds=60_000, request_timeout_milliseconds=5_000)
    worker = camunda.create_job_worker(config, price)
    created = await started(camunda, awaitCompletion=True)
    worker.stop()

    counts = await camunda.get_process_instance_statistics(created.process_instance_key)
    assert {each.element_id for each in counts.items if each.completed} >= {"Start", "Refused"}
