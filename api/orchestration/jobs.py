"""Jobs: work that workers of other systems take, by long polling, and report. The lease is `engine.jobs`'s."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, patch, post

from api import parts
from api.errors import Conflict, NothingHere
from api.filters import Field
from api.guards import client_of, scoped
from api.house import house_of, now_of, rest, waiting_of
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.lookups import ROOT, TENANT_FIELD, definition_key, element_key, root_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from api.store import rows
from engine import jobs, remote_jobs, variables
from engine.errors import JobUnknown
from engine.remote_jobs import JobNotHeld

USUAL_WAIT, LONGEST_WAIT = 10.0, 120.0
MOST_JOBS = 1_000

STATE = """CASE j.state WHEN 'queued' THEN CASE WHEN j.failures > 0 THEN 'FAILED' ELSE 'CREATED' END
    WHEN 'leased' THEN 'CREATED' WHEN 'failed' THEN 'FAILED' WHEN 'cancelled' THEN 'CANCELED'
    ELSE CASE WHEN j.error IS NULL THEN 'COMPLETED' ELSE 'ERROR_THROWN' END END"""
STATES = ("CREATED", "COMPLETED", "FAILED", "ERROR_THROWN", "CANCELED", "MIGRATED", "RETRIES_UPDATED", "TIMED_OUT")
ROWS_OF = {
    "CREATED": "(j.state = 'leased' OR j.state = 'queued' AND j.failures = 0)",
    "FAILED": "(j.state = 'failed' OR j.state = 'queued' AND j.failures > 0)",
    "CANCELED": "j.state = 'cancelled'",
}
RETRIED = "(j.failures > 0 AND j.state = 'queued')"
DEADLINE = "CASE WHEN j.state = 'leased' THEN j.due_at END"
ELEMENT = element_key("j.instance_id", "j.token")

JOBS = Resource(
    columns=f"""j.id, j.instance_id, j.token, j.element, j.type, {STATE} AS state, j.retries,
        j.headers::text AS headers, j.worker, j.error, j.queued_at, j.ended_at, {DEADLINE} AS deadline,
        {RETRIED} AS retried,
        i.process, d.version,
        p.key AS definition_key, {ROOT} AS root_id, {ELEMENT} AS element_key,
        (SELECT (c.context->'tags')::text FROM engine_case c WHERE c.id = j.case_id) AS tags""",
    source=f"engine_job j JOIN engine_instance i ON i.id = j.instance_id{version_of()}",
    procedure="j.procedure",
    key="jobKey",
    fields={
        "jobKey": Field("j.id", "id"),
        "processInstanceKey": Field("j.instance_id", "id"),
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field("i.process"),
        "elementId": Field("j.element"),
        "elementInstanceKey": Field(ELEMENT, "key"),
        "type": Field("j.type"),
        "state": Field(STATE, "choice", choices=STATES, rows_of=ROWS_OF),
        "kind": Field("'BPMN_ELEMENT'::text"),
        "listenerEventType": Field("'UNSPECIFIED'::text"),
        "retries": Field("j.retries", "number"),
        "worker": Field("j.worker"),
        "deadline": Field(DEADLINE, "moment"),
        "creationTime": Field("j.queued_at", "moment", sort="j.id"),
        "lastUpdateTime": Field("coalesce(j.ended_at, j.queued_at)", "moment"),
        "endTime": Field("j.ended_at", "moment"),
        "errorMessage": Field("j.error"),
        "errorCode": Field("CASE WHEN j.state = 'done' THEN split_part(j.error, ':', 1) END"),
        "hasFailedWithRetriesLeft": Field(RETRIED, "flag"),
        "isDenied": Field("NULL::boolean", "flag"),
        "deniedReason": Field("NULL::text"),
        "tenantId": TENANT_FIELD,
    },
)


class Activation(Shape, frozen=True, kw_only=True):
    """Which jobs a worker takes, for how long (`timeout`, ms) and how long it waits for some (`requestTimeout`, ms;
    0: 10 s; negative: not at all).
    """

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    timeout: Annotated[int, msgspec.Meta(ge=1, le=30 * 86_400_000)]
    max_jobs_to_activate: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    worker: Annotated[str, msgspec.Meta(max_length=200)] = ""
    fetch_variable: list[str] = []
    request_timeout: Annotated[int, msgspec.Meta(le=86_400_000)] = 0
    tenant_ids: list[str] = []


class ActivatedJob(Shape, frozen=True, kw_only=True):
    """A job this worker may do until `deadline` (ms since 1970)."""

    type: str
    process_definition_id: str
    process_definition_version: int
    element_id: str
    custom_headers: dict[str, Any]
    worker: str
    retries: int
    deadline: int
    variables: dict[str, Any]
    tenant_id: str = TENANT
    job_key: str
    process_instance_key: str
    process_definition_key: str
    element_instance_key: str
    kind: str = "BPMN_ELEMENT"
    listener_event_type: str = "UNSPECIFIED"
    user_task: None = None
    tags: list[str]
    root_process_instance_key: str | None


class ActivatedJobs(Shape, frozen=True, kw_only=True):
    """The jobs taken; none when nothing came in time."""

    jobs: list[ActivatedJob]


class Completion(Shape, frozen=True, kw_only=True):
    """What the work gave."""

    variables: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


class Failure(Shape, frozen=True, kw_only=True):
    """Why a try failed; `retries` left (0: an incident opens); `retryBackOff` in ms."""

    retries: Annotated[int, msgspec.Meta(le=2**31 - 1)] = 0
    error_message: str = ""
    retry_back_off: Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400_000)] = 0
    variables: dict[str, Any] | None = None


class ThrownError(Shape, frozen=True, kw_only=True):
    """A modelled outcome of the work."""

    error_code: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    error_message: str | None = None
    variables: dict[str, Any] | None = None


class JobChanges(Shape, frozen=True, kw_only=True):
    """What changes: the tries left, or the time the lease lasts from now (ms)."""

    retries: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    timeout: Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400_000)] | None = None


class JobUpdate(Shape, frozen=True, kw_only=True):
    """A change of a job."""

    changeset: JobChanges
    operation_reference: int | None = None


class FoundJob(Shape, frozen=True, kw_only=True):
    """A job, waiting, being done or over."""

    custom_headers: dict[str, Any]
    deadline: datetime | None
    denied_reason: str | None = None
    element_id: str | None
    element_instance_key: str
    end_time: datetime | None
    error_code: str | None
    error_message: str | None
    has_failed_with_retries_left: bool
    is_denied: bool | None = None
    job_key: str
    kind: str = "BPMN_ELEMENT"
    listener_event_type: str = "UNSPECIFIED"
    process_definition_id: str
    process_definition_key: str
    process_instance_key: str
    root_process_instance_key: str | None
    retries: int
    state: str
    tenant_id: str = TENANT
    type: str
    worker: str
    creation_time: datetime | None
    last_update_time: datetime | None


class FoundJobs(Shape, frozen=True, kw_only=True):
    """A page of jobs."""

    items: list[FoundJob]
    page: PageInfo


@post("/v2/jobs/activation", guards=[scoped("jobs")], status_code=200, tags=["jobs"])
async def activate(request: Request[Any, Any, Any], data: Activation) -> ActivatedJobs:
    """Take jobs of a type, waiting for some when there are none. A worker that hangs up meanwhile takes none."""
    wait = 0.0 if data.request_timeout < 0 else min(data.request_timeout / 1000 or USUAL_WAIT, LONGEST_WAIT)
    gone = asyncio.ensure_future(request.receive())
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    try:
        with waiting_of(request).bell("jobs") as bell:
            while not gone.done():
                if leased := await _lease(request, data):
                    return ActivatedJobs(jobs=leased)
                if (left := until - loop.time()) <= 0:
                    break
                await rest(bell, left)
    finally:
        gone.cancel()
    return ActivatedJobs(jobs=[])


@post("/v2/jobs/{job_key:str}/completion", guards=[scoped("jobs")], status_code=204, tags=["jobs"])
async def complete(request: Request[Any, Any, Any], job_key: str, data: Completion | None = None) -> None:
    """The work is done: the case moves on."""
    job_id = await _job_id(request, job_key)
    given = data.variables if data and data.variables else {}
    await _reported(remote_jobs.complete(job_id, given, now_of(request)))


@post("/v2/jobs/{job_key:str}/failure", guards=[scoped("jobs")], status_code=204, tags=["jobs"])
async def fail(request: Request[Any, Any, Any], job_key: str, data: Failure | None = None) -> None:
    """A try failed: it is tried again, or an incident opens."""
    job_id, told = await _job_id(request, job_key), data or Failure()
    await _reported(
        remote_jobs.fail(
            *(job_id, told.retries, told.error_message, now_of(request)),
            back_off=timedelta(milliseconds=told.retry_back_off),
            variables=told.variables or {},
        )
    )


@post("/v2/jobs/{job_key:str}/error", guards=[scoped("jobs")], status_code=204, tags=["jobs"])
async def throw_error(request: Request[Any, Any, Any], job_key: str, data: ThrownError) -> None:
    """The work has a modelled outcome: it becomes a BPMN error."""
    job_id = await _job_id(request, job_key)
    told = (data.error_code, data.error_message or "", data.variables or {})
    await _reported(remote_jobs.throw_error(job_id, *told, now_of(request)))


@patch("/v2/jobs/{job_key:str}", guards=[scoped("jobs")], status_code=204, tags=["jobs"])
async def update(request: Request[Any, Any, Any], job_key: str, data: JobUpdate) -> None:
    """Change the tries left, or how long the lease lasts."""
    job_id, changes = await _job_id(request, job_key), data.changeset
    timeout = None if changes.timeout is None else timedelta(milliseconds=changes.timeout)
    await _reported(remote_jobs.update(job_id, now_of(request), retries=changes.retries, timeout=timeout))


@post("/v2/jobs/search", guards=[scoped("read")], status_code=200, tags=["jobs"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> FoundJobs:
    """Jobs of every state."""
    found = await lookups.search(JOBS, data or Query(), client_of(request))
    return FoundJobs(items=[read(record) for record in found.found], page=found.page)


async def _lease(request: Request[Any, Any, Any], data: Activation) -> list[ActivatedJob]:
    client, now = client_of(request), house_of(request).clock()
    leased = await jobs.lease(
        *(min(data.max_jobs_to_activate, MOST_JOBS), data.worker or client.name, now),
        lease_seconds=data.timeout / 1000,
        types=(data.type,),
        procedures=client.procedures or None,
    )
    if not leased:
        return []
    until = {each.job.id: each.leased_until for each in leased}
    found = await _details(list(until))
    states = await variables.states_of(list({record["instance_id"] for record in found}))
    only = tuple(data.fetch_variable)
    return [
        _activated(record, until[record["id"]], variables.visible(states[record["instance_id"]], record["token"], only))
        for record in found
    ]


async def _details(job_ids: list[UUID]) -> list[Any]:
    statement = f"SELECT {JOBS.columns} FROM {JOBS.source} WHERE j.id = ANY($1::uuid[]) ORDER BY j.id"
    found = await rows(statement, job_ids)
    if any(record["definition_key"] is None for record in found):
        await parts.refresh()
        found = await rows(statement, job_ids)
    return found


def _activated(record: Any, until: datetime, visible: dict[str, Any]) -> ActivatedJob:
    return ActivatedJob(
        type=record["type"],
        process_definition_id=record["process"],
        process_definition_version=record["version"] or 0,
        element_id=record["element"],
        custom_headers=msgspec.json.decode(record["headers"]),
        worker=record["worker"] or "",
        retries=record["retries"],
        deadline=int(until.timestamp() * 1000),
        variables=visible,
        job_key=key_of(record["id"]),
        process_instance_key=key_of(record["instance_id"]),
        process_definition_key=definition_key(record),
        element_instance_key=lookups.text_key(record["element_key"]),
        tags=msgspec.json.decode(record["tags"]) if record["tags"] else [],
        root_process_instance_key=root_key(record),
    )


async def _job_id(request: Request[Any, Any, Any], job_key: str) -> UUID:
    return (await lookups.get(JOBS, job_key, client_of(request)))["id"]


async def _reported(report: Any) -> None:
    try:
        await report
    except JobUnknown as over:
        raise NothingHere("Expected a job that is not over, but it is.") from over
    except JobNotHeld as refused:
        raise Conflict(str(refused)) from refused


def read(record: Any) -> FoundJob:
    """A row as clients read it."""
    threw = record["state"] == "ERROR_THROWN"
    return FoundJob(
        custom_headers=msgspec.json.decode(record["headers"]),
        deadline=record["deadline"],
        element_id=record["element"],
        element_instance_key=lookups.text_key(record["element_key"]),
        end_time=record["ended_at"],
        error_code=record["error"].partition(":")[0] if threw else None,
        error_message=record["error"],
        has_failed_with_retries_left=record["retried"],
        job_key=key_of(record["id"]),
        process_definition_id=record["process"],
        process_definition_key=definition_key(record),
        process_instance_key=key_of(record["instance_id"]),
        root_process_instance_key=root_key(record),
        retries=record["retries"],
        state=record["state"],
        type=record["type"],
        worker=record["worker"] or "",
        creation_time=record["queued_at"],
        last_update_time=record["ended_at"] or record["queued_at"],
    )


HANDLERS = [activate, complete, fail, throw_error, update, search]
