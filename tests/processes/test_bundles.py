"""Every bundle in `processes/` is whole: its scenarios pass and reach everything; letters, forms and tables hold what
they promise."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from connectors.catalogue import load_catalogue
from connectors.letters import placeholders_of, write
from engine.bundle import Bundle, read_folder
from engine.definition import Definition, build
from engine.effects import JobQueued
from engine.feel import compile_expression
from engine.scenarios import read_stories, run_all
from engine.scenarios.story import Story
from engine.scenarios.world import World
from forms import Form, read_form, validate
from server.bundles import judge

PROCESSES = Path(__file__).parents[2] / "processes"
SLUGS = sorted(folder.name for folder in PROCESSES.iterdir() if (folder / "manifest.json").is_file())
# The services of the demo town: bundles may name no other.
DEPARTMENTS = frozenset(
    {"accueil", "voirie", "proprete", "espaces-verts", "eclairage", "vie-associative", "securite", "etat-civil"}
)
LETTER_JOBS = ("parvis:mail", "parvis:notify", "parvis:survey", "parvis:document")
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
every_bundle = pytest.mark.parametrize("slug", SLUGS)


@cache
def a_bundle(slug: str) -> Bundle:
    return read_folder(PROCESSES / slug)


@cache
def a_definition(slug: str) -> Definition:
    return build(a_bundle(slug))


@cache
def forms_of(slug: str) -> dict[str, Form]:
    bundle = a_bundle(slug)
    names = [Path(name).name.removesuffix(".schema.json") for name in bundle.names(".schema.json")]
    parts = ("schema", "ui", "en")
    return {name: read_form(*(bundle.json(f"forms/{name}.{part}.json") for part in parts)) for name in names}


def stories_of(slug: str) -> list[Story]:
    bundle = a_bundle(slug)
    files = [name for name in bundle.names(".json") if name.startswith("scenarios/")]
    return [story for name in files for story in read_stories(bundle.files[name], name)]


def jobs_of(slug: str) -> list[JobQueued]:
    """Every connector call that the scenarios make."""
    made: list[JobQueued] = []
    for story in stories_of(slug):
        world = World(a_definition(slug), story)
        for step in story.steps:
            if step.expect is None:
                world.do(step)
        made += world.sent
    return made


@every_bundle
def test_the_deploy_gate_finds_nothing_not_even_a_warning(slug: str) -> None:
    findings = judge(a_bundle(slug), DEPARTMENTS).findings

    assert [(each.rule, each.file, each.element, each.parameters) for each in findings] == []


@every_bundle
def test_all_scenarios_pass_and_reach_every_element(slug: str) -> None:
    report = run_all(a_bundle(slug))

    assert [(each.file, each.failed_step, each.expected, each.seen) for each in report.results if not each.passed] == []
    assert report.unreached == ()


@every_bundle
def test_every_sequence_flow_has_a_drawn_edge_and_every_element_a_shape(slug: str) -> None:
    for name in a_bundle(slug).names(".bpmn"):
        tree = etree.fromstring(a_bundle(slug).files[name])
        drawn = {node.get("bpmnElement") for node in tree.iter("{*}BPMNShape", "{*}BPMNEdge")}

        flows = {node.get("id") for node in tree.iter("{*}sequenceFlow")}

        assert flows | set(a_definition(slug).elements) <= drawn


@every_bundle
def test_connector_inputs_are_those_of_the_templates(slug: str) -> None:
    catalogue = load_catalogue()

    for job in jobs_of(slug):
        template = catalogue.of_type(job.type)

        assert template is not None, job.type
        assert set(job.input) <= template.known_inputs, job.element
        assert template.required_inputs <= set(job.input), job.element


@every_bundle
def test_every_letter_is_used_exists_in_both_languages_and_finds_its_values(slug: str) -> None:
    bundle = a_bundle(slug)
    written = {Path(name).name.removesuffix(".fr.txt") for name in bundle.names(".fr.txt")}
    used: set[str] = set()

    for job in (job for job in jobs_of(slug) if job.type in LETTER_JOBS):
        letter = job.input["letter"]
        used.add(letter)
        # What the platform adds: the case itself, the address of the survey.
        context = {**job.input.get("values", {}), "case": job.case, "survey": {"url": "https://mairie.example/s/abc"}}
        for language in ("fr", "en"):
            source = bundle.text(f"letters/{letter}.{language}.txt")
            roots = {path.split(".")[0] for path in placeholders_of(source)}

            assert roots <= set(context), (job.element, letter, roots - set(context))
            assert write(source, context, language).paragraphs

    assert used == written


@every_bundle
def test_forms_are_valid_schemas_translated_word_for_word(slug: str) -> None:
    bundle = a_bundle(slug)

    for name in bundle.names(".schema.json"):
        schema = bundle.json(name)
        translations = bundle.json(name.replace(".schema.json", ".en.json"))
        ui = bundle.json(name.replace(".schema.json", ".ui.json"))

        Draft202012Validator.check_schema(schema)
        assert words_of([schema, ui]) - set(translations) == set(), name


@every_bundle
def test_answers_given_in_scenarios_are_valid_answers(slug: str) -> None:
    forms = forms_of(slug)
    elements = a_definition(slug).elements.values()
    tasks = {element.id: element.form_id for element in elements if element.kind == "userTask"}

    for story in stories_of(slug):
        given = story.given
        problems = validate(forms[given.form or ""], given.answers, now=given.now, language="fr")
        assert not problems, (story.name, problems)

        for step in (step for step in story.steps if step.complete):
            # Late enough for “done on”, early enough for “planned on”: forms look at the day only.
            form = forms[tasks[step.complete or ""] or ""]
            moments = (given.now + timedelta(days=days) for days in (0, 2, 9))
            assert any(not validate(form, step.answers, now=moment, language="fr") for moment in moments), (
                story.name,
                step.complete,
            )


@every_bundle
def test_the_manifest_says_who_applies_and_what_the_case_is_called(slug: str) -> None:
    manifest = a_bundle(slug).manifest

    for story in stories_of(slug):
        scope = {"answers": story.given.answers, "case": {}}
        title = compile_expression(str(manifest.title_of_case).removeprefix("=")).evaluate(scope, NOW)

        assert isinstance(title, str) and len(title) > 10, story.name
    assert manifest.silence and manifest.cost and manifest.term


def test_the_price_list_has_exactly_one_price_for_every_booking_the_form_allows() -> None:
    definition = a_definition("room_booking")
    spans = (
        "2027-01-12T09:00/2027-01-12T13:00",
        "2027-01-12T09:00/2027-01-13T01:00",
        "2027-01-16T09:00/2027-01-16T13:00",
    )
    rooms = ("salle-des-fetes", "salle-jeanne-darc", "maison-des-associations", "gymnase-leo-lagrange")

    for kind, resident, room, span in product(("association", "individual"), (True, False), rooms, spans):
        if kind == "individual" and room == "gymnase-leo-lagrange":
            continue
        answers = {"applicant_kind": kind, "resident": resident, "room": room, "slot": f"{room}/{span}"}

        price, trace = definition.decisions.decide("fee", {"answers": answers}, NOW)

        assert [match["table"] for match in trace["matches"]] == ["fee_table"], answers
        assert price >= 0


def test_every_report_finds_a_department_and_danger_always_comes_first() -> None:
    definition = a_definition("incident_report")
    schema = a_bundle("incident_report").json("forms/report.schema.json")["properties"]
    categories, districts = ([choice["const"] for choice in schema[name]["oneOf"]] for name in ("category", "district"))
    known = {"accueil", "voirie", "proprete", "espaces-verts", "eclairage", "securite"}

    for category, district, danger in product(categories, districts, (True, False)):
        answers = {"category": category, "district": district, "danger": danger}

        routed, _ = definition.decisions.decide("routing", {"answers": answers}, NOW)

        assert routed["department"] in known
        assert (routed["priority"] == 90) is danger


def test_only_relatives_and_representatives_obtain_a_full_copy() -> None:
    definition = a_definition("civil_status_certificate")
    relatives = ("self", "spouse", "ascendant", "descendant", "representative")
    people = {"given_names": "Anne", "family_name": "Petit", "spouse_given_names": "Luc", "spouse_family_name": "Roy"}

    def allowed(date: str, **answers: str) -> bool:
        scope = {"answers": {date: "2001-02-03", **people, **answers}}
        decided, _ = definition.decisions.decide("request", scope, NOW)
        return bool(decided["allowed"])

    for date, kind in product(("birth_date", "marriage_date"), ("full", "with_parentage")):
        assert all(allowed(date, copy_kind=kind, quality=quality) for quality in relatives)
        assert not allowed(date, copy_kind=kind, quality="other")
    assert allowed("birth_date", copy_kind="without_parentage")
    assert allowed("death_date")


def test_an_event_elsewhere_stops_on_the_first_page_with_where_to_write() -> None:
    for name, form in forms_of("civil_status_certificate").items():
        if name not in ("birth", "marriage", "death"):
            continue

        problems = validate(form, {"here": False}, now=NOW, language="fr")

        assert [problem.pointer for problem in problems] == ["/here"]
        assert re.search("44941 Nantes", str(a_bundle("civil_status_certificate").json(f"forms/{name}.ui.json")))


def words_of(node: Any) -> set[str]:
    """Every text of a form that a person reads. Fragments of the library bring their own translations."""
    match node:
        case dict():
            shown = {"title", "description", "label", "text", "hint", "help"}
            own = {value for key, value in node.items() if key in shown and isinstance(value, str)}
            errors = node.get("errors", {})
            return own.union(errors.values() if isinstance(errors, dict) else (), *map(words_of, node.values()))
        case list():
            return set[str]().union(*map(words_of, node))
        case _:
            return set()
