"""Connectors that are not ours: one in a Python package of its own, one without code added by an administrator.

Both are checked by the gate, drawn by the modeler, and do the work of a running procedure."""

import ast
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from connectors import connections, town_templates, whereabouts
from connectors.addresses import networks_of
from connectors.available import Available, installed, town_catalogue
from connectors.catalogue import TownCatalogue, load_catalogue
from connectors.connections import Card
from connectors.errors import TemplateRefused
from connectors.runner import Runner
from connectors.toolbox import Toolbox
from connectors.vault import Vault
from engine import cases, deployments, lint
from engine.store.statements import value
from tests.connectors.servers import HttpServer, answering
from tests.engine.bundles import a_bundle, a_case, a_procedure

EXAMPLES = Path(__file__).parents[2] / "examples"
LIBRARY = EXAMPLES / "connector-library"
RECIPE = (EXAMPLES / "connector-without-code" / "associations.json").read_bytes()
VAULT = Vault(("k" * 40,))

BODY = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Work"/>
<serviceTask id="Work" name="Travail">
  <extensionElements><zeebe:taskDefinition type="{type}" retries="1"/>
    <zeebe:ioMapping>{inputs}<zeebe:output source="={output}" target="{output}"/></zeebe:ioMapping></extensionElements>
</serviceTask>
<sequenceFlow id="f2" sourceRef="Work" targetRef="Done"/><endEvent id="Done"/>
"""
CARD = BODY.format(
    type="library:card", output="card", inputs='<zeebe:input source="=case.applicant.name" target="holder"/>'
)
ASSOCIATION = BODY.format(
    type="town:associations", output="association", inputs='<zeebe:input source="W491000001" target="number"/>'
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as `pip install` lays it out: its module, and what its pyproject.toml says of it."""
    project = tomllib.loads((LIBRARY / "pyproject.toml").read_text("utf-8"))["project"]
    shutil.copytree(LIBRARY / "library_cards", tmp_path / "library_cards")
    told = tmp_path / "parvis_connector_library-1.0.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    (told / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {where}\n" for name, where in entries.items())
            for group, entries in project["entry-points"].items()
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def available() -> Available:
    holder: list[Available] = []
    tools = Toolbox(lambda: holder[0].catalogue, VAULT, permitted=networks_of("127.0.0.1/32"))
    holder.append(Available(load_catalogue(), {}, tools, installed()[0]))
    return holder[0]


async def connect(town: Available, kind: str, slug: str, server: HttpServer, now, secret: str) -> None:
    template = town.catalogue.kinds[kind]
    card = Card(slug=slug, kind=kind, title=slug, given={"url": server.url})
    await connections.keep(card, {"secret": secret}, template=template, vault=VAULT, by_name="Claire", now=now)


async def run_all(town: Available, now) -> int:
    tools = town.tools
    assert isinstance(tools, Toolbox)
    return await Runner(town.connectors, worker="t", toolbox=tools, refresh=town.refresh).run_once(now)


async def test_a_connector_in_a_package_does_the_work_of_a_procedure(database, now, library):
    town = available()
    async with HttpServer(answering(201, {"number": "B-77"})) as server:
        await connect(town, "library.card", "library", server, now, "key")
        await a_procedure(now, CARD, slug="card")
        case = await a_case(now, "card")

        done = await run_all(town, now)

    call = server.received[0]
    assert done == 1 and (await cases.get(case.case_id)).state == "closed"
    assert call.json() == {"holder": "Aïcha Le Gall", "reader": "adult"}
    assert call.headers["x-library-key"] == "key"
    assert call.headers["idempotency-key"] == str(await value("SELECT id FROM engine_job"))


def test_it_imports_the_contract_alone():
    tree = ast.parse((LIBRARY / "library_cards" / "__init__.py").read_text("utf-8"))

    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {each for each in imported if str(each).startswith(("engine", "connectors"))} == {"engine.connector"}


async def test_the_gate_and_the_modeler_know_it(database, now, library):
    catalogue = await town_catalogue()
    bundle = a_bundle(CARD.replace('target="holder"', 'target="holdr"'), slug="card")
    judged = lint.check(bundle, TownCatalogue(None, catalogue))
    drawn = {each["id"] for each in catalogue.documents()}

    said = [each.message for each in judged if each.rule == "connectors-known"]
    assert len(said) == 2 and any("needs" in each for each in said)
    assert "library.card" in drawn and not any("parvis" in each for each in catalogue.documents())


def test_a_package_that_does_not_load_keeps_nobody_from_the_others(tmp_path, monkeypatch, library):
    told = tmp_path / "broken-1.0.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[parvis.connectors]\nbroken = no_such_module_at_all\n")

    found, broken = installed()

    assert ([each.template.job_type for each in found], broken) == (["library:card"], ("broken",))


async def test_a_connector_without_code_does_the_work_of_a_procedure(database, now):
    town = available()
    await town.refresh()
    await town_templates.keep(RECIPE, by_name="Claire", now=now)
    town._read_at = None  # two seconds have passed
    await town.refresh()
    async with HttpServer(answering(200, {"titre": "Les Amis du lavoir", "active": True})) as server:
        await connect(town, "town.associations", "associations", server, now, "token")
        await a_procedure(now, ASSOCIATION, slug="grant")
        case = await a_case(now, "grant")

        done = await run_all(town, now)

    assert done == 1 and (await cases.get(case.case_id)).state == "closed"
    assert [each.path for each in server.received] == ["/associations/W491000001"]


async def test_what_cannot_work_is_refused_with_the_reason(database, now):
    good = json.loads(RECIPE)
    part = good["parvis"]
    wrong = (
        b"{",
        json.dumps({**good, "id": "parvis.mail"}).encode(),
        RECIPE.replace(b"town:associations", b"parvis:mail"),
        json.dumps({**good, "parvis": {"connection": part["connection"]}}).encode(),
        json.dumps({**good, "parvis": {**part, "recipe": {**part["recipe"], "path": '="a" +'}}}).encode(),
        json.dumps({**good, "parvis": {**part, "recipe": {**part["recipe"], "method": "TRACE"}}}).encode(),
        b"x" * 300_000,
    )

    for content in wrong:
        with pytest.raises(TemplateRefused):
            await town_templates.keep(content, by_name="Claire", now=now)
    assert await town_templates.all_kept() == []


async def test_a_connector_taken_out_of_use_is_offered_no_more(database, now):
    await town_templates.keep(RECIPE, by_name="Claire", now=now)
    before = (await town_catalogue(load_catalogue())).of_type("town:associations")
    await town_templates.switch("town:associations", active=False, by_name="Claire", now=now)

    assert before is not None
    assert (await town_catalogue(load_catalogue())).of_type("town:associations") is None


async def test_which_steps_use_a_connection_is_known(database, now, library):
    town = available()
    await a_procedure(now, CARD, slug="card")
    await a_procedure(now, BODY.format(type="parvis:http", output="response", inputs=NAMED), slug="call")
    async with HttpServer() as server:
        await connect(town, "library.card", "biblio", server, now, "key")
    deployment = await deployments.active("call")

    used = await whereabouts.uses(town.catalogue)

    assert {slug: [(use.procedure, use.step) for use in found] for slug, found in used.items()} == {
        "biblio": [("card", "Travail")],
        "registry": [("call", "Travail")],
    }
    assert await whereabouts.connection_of(deployment.hash, "Work", town.catalogue) == "registry"


NAMED = '<zeebe:input source="registry" target="connection"/>'
