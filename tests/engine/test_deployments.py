"""Deployments: versions, what is in service, and cases that stay on theirs."""

import asyncio
from datetime import datetime, timedelta

import pytest

from engine import cases, deployments
from engine.bpmn.errors import DefinitionRefused
from engine.errors import DeploymentUnknown, ProcedureUnknown
from tests.engine.bundles import ADMINISTRATOR, MISSING_PAPER, a_bundle, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def test_the_same_content_is_the_same_version(now: datetime) -> None:
    first = await a_procedure(now)
    second = await a_procedure(now + timedelta(days=1))

    assert first == second
    assert (first.version, first.state, first.published_by_name) == (1, "active", "Solène Roux")


async def test_a_new_version_retires_the_one_before(now: datetime) -> None:
    first = await a_procedure(now)
    second = await a_procedure(now, MISSING_PAPER)

    newest, oldest = await deployments.versions("petition")
    assert (newest.id, newest.version, newest.state) == (second.id, 2, "active")
    assert (oldest.id, oldest.state, oldest.retired_at) == (first.id, "retired", now)
    assert [each.id for each in await deployments.active_all()] == [second.id]


async def test_running_cases_stay_on_their_version(now: datetime) -> None:
    first = await a_procedure(now)
    filed = await a_case(now)

    await a_procedure(now, MISSING_PAPER)

    assert (await cases.get(filed.case_id)).definition_hash == first.hash
    assert (await deployments.definition_of(first.hash)).hash == first.hash


async def test_an_earlier_version_can_come_back(now: datetime) -> None:
    first = await a_procedure(now)
    await a_procedure(now, MISSING_PAPER)

    again = await deployments.activate(first.id, ADMINISTRATOR, now)

    assert (again.state, again.retired_at) == ("active", None)
    assert (await deployments.active("petition")).id == first.id


async def test_a_retired_procedure_starts_nothing(now: datetime) -> None:
    await a_procedure(now)

    await deployments.retire("petition", ADMINISTRATOR, now)

    with pytest.raises(ProcedureUnknown):
        await deployments.active_definition("petition")


async def test_two_publications_at_once_number_without_a_gap(now: datetime) -> None:
    await asyncio.gather(a_procedure(now), a_procedure(now, MISSING_PAPER))

    versions = await deployments.versions("petition")
    assert [each.version for each in versions] == [2, 1]
    assert [each.state for each in versions].count("active") == 1


async def test_files_come_back_as_they_were(now: datetime) -> None:
    deployed = await a_procedure(now)

    assert await deployments.bundle_of(deployed.hash) == a_bundle()
    with pytest.raises(DeploymentUnknown):
        await deployments.bundle_of("0" * 64)


async def test_a_diagram_that_cannot_run_is_refused(now: datetime) -> None:
    with pytest.raises(DefinitionRefused):
        await a_procedure(now, '<startEvent id="S"/><sequenceFlow id="f" sourceRef="S" targetRef="Nowhere"/>')

    assert await deployments.versions("petition") == []
