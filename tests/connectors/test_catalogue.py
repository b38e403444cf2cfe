"""Catalogue: every connector has its template, its class, and what the diagrams of our procedures use."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from lxml import etree

from connectors.agenda import connector as agenda
from connectors.catalogue import load_catalogue, read_template
from connectors.department import connector as department
from connectors.document import connector as document
from connectors.document.content import Town
from connectors.errors import ConnectorError, TemplateBroken
from connectors.mail import connector as mail
from connectors.mail import returns
from connectors.mail.post import Smtp
from connectors.notify import connector as notify
from connectors.sms import connector as sms
from connectors.survey import connector as survey
from connectors.webhook import connector as webhook
from connectors.wiring import Connections, all_connectors
from desk.files import FileStore
from tests.connectors.postbox import PROCESSES
from tests.connectors.reference import PAGES, pages
from web.pages import language

CONNECTORS = PROCESSES.parent / "connectors"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"


def test_every_template_has_its_connector_and_every_connector_its_template(tmp_path):
    connections = Connections(
        smtp=Smtp(host="x"), town=Town(name="T"), files=FileStore(tmp_path), secret=b"s", public_url="https://x"
    )

    assert load_catalogue().job_types == set(all_connectors(connections))


def test_a_template_says_what_is_required_and_what_is_known():
    agenda = load_catalogue().of_type("parvis:agenda")

    assert agenda and agenda.required_inputs == {"operation"}
    assert agenda.known_inputs >= {"operation", "slot", "resource", "begin", "until"}
    assert load_catalogue().of_type("somebody-elses") is None


@pytest.mark.parametrize("path", sorted(PROCESSES.glob("*/*.bpmn")), ids=lambda path: path.stem)
def test_our_diagrams_give_connectors_inputs_they_know(path: Path):
    catalogue = load_catalogue()

    for task in etree.parse(path).iter(f"{ZEEBE}taskDefinition"):
        template = catalogue.of_type(task.get("type"))
        element = task.getparent()
        given = {each.get("target") for each in element.iter(f"{ZEEBE}input")}
        assert template, task.get("type")
        assert template.required_inputs <= given <= template.known_inputs, element.getparent().get("id")


def test_a_file_that_is_no_template_is_refused(tmp_path):
    for content in ("{", "[]", '{"id": "x", "name": "x", "properties": []}'):
        (tmp_path / "template.json").write_text(content)
        with pytest.raises(TemplateBroken):
            read_template(tmp_path / "template.json")


FACTS = (
    (agenda, ("OPTIONED", "BOOKED", "RELEASED", "SEASON", "SEASON_OPTIONED", "REFUSED_DATES", "WAITING")),
    (department, ("ROUTED", "REPLACED", "ALONE")),
    (document, ("ISSUED", "NUMBERED")),
    (mail, ("SENT", "SKIPPED")),
    (notify, ("NOTIFIED",)),
    (survey, ("INVITED", "SKIPPED", "SPARED", "REMINDED", "PLANNED")),
    (sms, ("SENT", "SKIPPED")),
    (webhook, ("TOLD",)),
    (returns, ("BOUNCED", "DELAYED")),
)


def test_every_fact_a_connector_writes_is_translated():
    with (PROCESSES.parent / "locale/fr/LC_MESSAGES/connectors.po").open("rb") as file:
        known = {message.id: message.string for message in read_po(file, locale="fr") if message.id}

    written = [getattr(module, name) for module, names in FACTS for name in names]
    facts = {fact for each in written for fact in (each.values() if isinstance(each, dict) else [each])}

    assert facts == set(known)
    assert all(known.values())


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_page_of_a_connector_is_made_from_its_template(name: str):
    assert (PAGES / name).read_text("utf-8") == pages()[name], "run: python -m tests.connectors.reference"


def test_every_connector_is_on_the_reference_page():
    page = (PAGES.parent / "connectors.md").read_text("utf-8")

    assert [each for each in load_catalogue().job_types if f"| `{each}` |" not in page] == []


def every_error(root: type[Exception] = ConnectorError) -> list[type[Exception]]:
    """The errors that a blocked case may tell; a template that is broken is told to whoever wrote it."""
    return [root, *(each for kind in root.__subclasses__() for each in every_error(kind) if each is not TemplateBroken)]


SAYS = {"BusinessError": 1, "Sentence": 0, **dict.fromkeys((each.__name__ for each in every_error()), 0)}


def said_in_code() -> Iterator[tuple[str, ast.expr]]:
    """Each message that a connector raises, where it is written, and the templates that constants keep."""
    for file in CONNECTORS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
                if len(node.args) > SAYS[node.func.id]:
                    yield f"{file.name}:{node.lineno}", node.args[SAYS[node.func.id]]
            elif isinstance(node, ast.Assign) and "{0}" in ast.unparse(node.value):
                yield f"{file.name}:{node.lineno}", node.value


def test_what_connectors_say_of_a_failure_is_a_template_with_its_french():
    known = language.translations("fr")._catalog  # type: ignore[attr-defined]

    found = list(said_in_code())
    built = [where for where, said in found if isinstance(said, ast.JoinedStr | ast.BinOp)]
    texts = [(where, said.value) for where, said in found if isinstance(said, ast.Constant) and said.value]
    own = [(each.__name__, " ".join((each.__doc__ or "").split())) for each in every_error()]

    assert len(texts) > 25 and built == []
    assert [(where, text) for where, text in texts + own if text not in known] == []
