"""Deny by default: every route asks for a scope, and what belongs to another procedure is not there."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from httpx import AsyncClient
from litestar import Litestar

from accounts import clients
from accounts.clients import SCOPES
from accounts.store import rows
from api import guards
from api.guards import any_client, open_to_all, scoped
from api.keys import key_of
from engine import jobs, operations, remote_jobs, tasks
from tests.api.conftest import Asking
from tests.engine.bundles import AGENT, a_case, a_procedure
from tests.web.conftest import Clock

MACHINES = ("/v2/", "/api/", "/oauth/", "/open311/")
# No client: let in by the signature of the message (api.inbound), or the token in the address (api.agendas).
PROVEN = ("/api/inbound/", "/api/agendas/")
# What must not be tried by walking: the token's address has tests of its own.
OPENED = ("/oauth/token", "/api/oauth/token", "/api/reference", "/api/openapi")


def routes(application: Litestar) -> list[tuple[str, str, Any]]:
    """(method, path, handler) of every address of machine clients."""
    return [
        (method, route.path, handler)
        for route in application.routes
        for handler in getattr(route, "route_handlers", ())
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
        if route.path.startswith(MACHINES) and not route.path.startswith(PROVEN)
    ]


def guard_of(handler: Any) -> Any:
    known = (any_client, open_to_all)
    named = (getattr(each, "func", each) for each in handler.resolve_guards())
    [guard] = [each for each in named if isinstance(each, scoped) or each in known]
    return guard


def filled(path: str) -> str:
    """The path with keys and ids of nothing."""
    return re.sub(r"\{[^}]+\}", "123", re.sub(r"\{[^}]+:uuid\}", str(UUID(int=1)), path))


def test_every_route_names_one_guard(application: Litestar) -> None:
    walked = routes(application)

    assert len(walked) > 60
    assert [path for _, path, each in walked if guard_of(each) is open_to_all and not path.startswith(OPENED)] == []


async def test_nobody_without_a_token_opens_any(application: Litestar, asking: Asking) -> None:
    client = await asking()
    wrong: list[Any] = []

    for given in (
        {},
        {"authorization": "Bearer pvs_wrong"},
        {"authorization": "Basic !"},
        {"authorization": "Bearer "},
    ):
        for method, path, handler in routes(application):
            if guard_of(handler) is open_to_all:
                continue
            client.headers.pop("authorization", None)
            answer = await client.request(method, filled(path), headers=given, json={})
            if answer.status_code not in (401, 429):
                wrong.append((method, path, answer.status_code))

    assert wrong == []


async def test_a_scope_opens_its_own_routes_only(application: Litestar, asking: Asking) -> None:
    wrong: list[Any] = []

    for scope in SCOPES:
        client = await asking(scopes=[scope])
        for method, path, handler in routes(application):
            guard = guard_of(handler)
            if not isinstance(guard, scoped) or guard.scope == scope:
                continue
            answer = await client.request(method, filled(path), json={})
            if answer.status_code != 403:
                wrong.append((method, path, guard.scope, answer.status_code))

    assert wrong == []


async def objects_of_another(now: datetime) -> dict[str, str]:
    """Keys of what belongs to the procedure “petition”, by the name of the path's parameter."""
    await a_procedure(now)
    filed = await a_case(now)
    [instance] = await operations.instances_of(filed.case_id)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)
    await remote_jobs.fail(leased.job.id, 0, "x", now, back_off=timedelta(0), variables={})
    return {
        "process_instance_key": key_of(instance.id),
        "user_task_key": key_of(task.id),
        "job_key": key_of(leased.job.id),
    }


async def test_what_is_of_another_procedure_is_not_there(application: Litestar, asking: Asking, now: datetime) -> None:
    keys = await objects_of_another(now)
    everything, kept = await asking(), await asking(procedures=["permit"])
    keys |= await found_keys(everything)
    wrong: list[Any] = []

    for method, path, _ in routes(application):
        names = re.findall(r"\{(\w+)", path)
        if not path.startswith("/v2/") or not names or names[0] not in keys:
            continue
        address = re.sub(r"\{[^}]+\}", keys[names[0]], path)
        body = BODIES.get(path.rpartition("/")[2], {})
        answer = await kept.request(method, address, json=body if method != "GET" else None)
        if answer.status_code != 404:
            wrong.append((method, path, answer.status_code, answer.text[:200]))

    assert wrong == []
    assert len(keys) >= 8


BODIES: dict[str, dict[str, Any]] = {
    "error": {"errorCode": "E"},
    "migration": {"targetProcessDefinitionKey": "1"},
    "variables": {"variables": {"a": 1}},
    "assignment": {"assignee": "ana@ville.example"},
    "{job_key:str}": {"changeset": {"retries": 1}},
}
SEARCHES = {
    "process-definitions": ("processDefinitionKey", "process_definition_key"),
    "element-instances": ("elementInstanceKey", "element_instance_key"),
    "incidents": ("incidentKey", "incident_key"),
    "variables": ("variableKey", "variable_key"),
    "resources": ("resourceKey", "resource_key"),
}


async def found_keys(client: AsyncClient) -> dict[str, str]:
    """A key of each resource that only searches tell."""
    found: dict[str, str] = {}
    for resource, (field, name) in SEARCHES.items():
        answer = (await client.post(f"/v2/{resource}/search", json={})).json()
        found[name] = answer["items"][0][field]
    return found


async def test_searches_show_the_procedures_a_client_is_kept_to(asking: Asking, now: datetime) -> None:
    await objects_of_another(now)
    everything, kept, own = await asking(), await asking(procedures=["permit"]), await asking(procedures=["petition"])
    resources = (*SEARCHES, "process-instances", "user-tasks", "jobs", "message-subscriptions")

    for resource in resources:
        counts = [
            len((await client.post(f"/v2/{resource}/search", json={})).json()["items"])
            for client in (everything, own, kept)
        ]
        assert counts[2] == 0
        assert counts[0] == counts[1]


async def test_a_client_kept_to_some_procedures_takes_no_job_of_another(asking: Asking, now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    asked = {"type": "parvis:mail", "timeout": 1000, "maxJobsToActivate": 5, "requestTimeout": -1}

    kept = await (await asking(procedures=["permit"])).post("/v2/jobs/activation", json=asked)
    own = await (await asking(procedures=["petition"])).post("/v2/jobs/activation", json=asked)

    assert kept.json() == {"jobs": []}
    assert len(own.json()["jobs"]) == 1


async def test_a_revoked_client_is_refused(asking: Asking, now: datetime) -> None:
    client = await asking()
    assert (await client.get("/v2/topology")).status_code == 200
    [known] = await clients.everyone()

    await clients.revoke(known.id, now)
    guards.forget(known.id)

    assert (await client.get("/v2/topology")).status_code == 401


async def test_a_secret_is_exchanged_for_a_token_that_lives_an_hour(
    asking: Asking, now: datetime, clock: Clock
) -> None:
    client = await asking(scopes=["read"])
    secret = client.headers.pop("authorization").removeprefix("Bearer ")
    [known] = await clients.everyone()
    form = {"grant_type": "client_credentials", "client_id": known.client_id, "client_secret": secret}

    wrong = await client.post("/oauth/token", data={**form, "client_secret": "pvs_no"})
    issued = await client.post("/oauth/token", data=form)
    basic = await client.post("/oauth/token", auth=(known.client_id, secret), data={"grant_type": "client_credentials"})

    assert (wrong.status_code, issued.status_code, basic.status_code) == (401, 200, 200)
    headers = {"authorization": f"Bearer {issued.json()['access_token']}"}
    assert (issued.json()["expires_in"], issued.json()["scope"]) == (3600, "read")
    assert (await client.get("/v2/topology", headers=headers)).status_code == 200
    clock.now += timedelta(hours=1)
    guards.forget(known.id)
    assert (await client.get("/v2/topology", headers=headers)).status_code == 401


async def test_basic_is_refused_where_the_town_is_served_to_others(application: Litestar, asking: Asking) -> None:
    client = await asking()
    secret = client.headers.pop("authorization").removeprefix("Bearer ")
    [known] = await clients.everyone()
    at_home = await client.get("/v2/topology", auth=(known.client_id, secret))

    house = application.state["house"]
    application.state["house"] = msgspec.structs.replace(house, public_url="https://demarches.ville.example")
    elsewhere = await client.get("/v2/topology", auth=(known.client_id, secret))

    assert (at_home.status_code, elsewhere.status_code) == (200, 401)


async def test_only_hashes_of_secrets_are_kept(asking: Asking) -> None:
    client = await asking()
    secret = client.headers["authorization"].removeprefix("Bearer ")

    [kept] = await rows("SELECT api_client::text AS text FROM api_client")

    assert secret not in kept["text"]
    assert secret.removeprefix("pvs_") not in kept["text"]


async def test_who_guesses_secrets_is_slowed_down(asking: Asking) -> None:
    client = await asking()

    statuses = [
        (await client.get("/v2/topology", headers={"authorization": f"Bearer pvs_{number}"})).status_code
        for number in range(61)
    ]

    assert statuses[:60] == [401] * 60
    assert statuses[60] == 429
