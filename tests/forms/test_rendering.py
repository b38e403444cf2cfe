"""What the pages look like: labels, hints, errors tied to fields, words of both languages, no placeholder."""

import re
from typing import Any, get_args

import pytest
from lxml import html

from forms import check, page_view, read, review
from forms.elements import Field, Group, Kind, Repeat
from forms.messages import Said
from tests.forms.browser import draw
from tests.forms.gallery import ANSWERS, BAD, ROOT, environment, pages
from tests.forms.samples import NOW, SLOTS, a_form, control, every_kind, show_when

GALLERY = {**pages("fr"), **pages("en")}


def test_every_message_and_every_word_of_the_templates_has_its_french() -> None:
    catalogue = environment("fr").globals["gettext"]
    templates = "".join(path.read_text() for path in (ROOT / "web" / "templates" / "form").glob("*.html"))
    words = re.findall(r"_\((?:\"|')(.+?)(?:\"|')\)", templates) + [said.value for said in Said]
    french = (ROOT / "locale/fr/LC_MESSAGES/forms.po").read_text()

    missing = [word for word in words if f'msgid "{word}"' not in french]

    assert catalogue is not None
    assert missing == []


@pytest.mark.parametrize("name", GALLERY)
def test_every_input_is_labelled_and_every_id_is_unique(name: str) -> None:
    document = html.fromstring(GALLERY[name])
    ids: Any = document.xpath("//@id")
    labelled = set(document.xpath("//label/@for"))
    inputs = document.xpath("//input[not(@type='hidden')]/@id | //textarea/@id | //select/@id")

    assert len(ids) == len(set(ids))
    assert set(inputs) <= labelled
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", identifier) for identifier in ids)
    assert not document.xpath("//@placeholder")


@pytest.mark.parametrize("name", [name for name in GALLERY if "errors" in name])
def test_the_error_summary_leads_to_fields_that_say_the_same(name: str) -> None:
    document = html.fromstring(GALLERY[name])
    ids = set(document.xpath("//@id"))
    links = document.xpath("//div[contains(@class, 'error-summary')]//a/@href")
    described = {each for value in document.xpath("//@aria-describedby") for each in value.split()}

    assert links
    assert {link[1:] for link in links} <= ids
    assert described <= ids
    assert {each for each in ids if each.endswith("-error")} <= described


def test_a_form_always_says_where_it_is_sent_and_takes_files_when_it_must() -> None:
    forms = {name: html.fromstring(page).find(".//form") for name, page in GALLERY.items() if "review" not in name}

    assert all(form.get("action") for form in forms.values())
    assert forms["3-empty-fr"].get("enctype") == "multipart/form-data"
    assert forms["1-empty-fr"].get("enctype") is None


def test_what_could_not_be_read_is_shown_as_it_was_typed() -> None:
    form = every_kind()
    reading = read(form, form.pages[0], BAD, ANSWERS)
    problems = check(form, reading, page=form.pages[0], now=NOW)

    page = html.fromstring(
        draw(form, form.pages[0], reading.answers, NOW, typed=reading.typed, problems=problems, sources=SLOTS)
    )

    assert page.xpath("string(//input[@id='f-people']/@value)") == "beaucoup"
    assert page.xpath("string(//input[@name='/when#month']/@value)") == "février"


def test_typed_text_is_never_markup() -> None:
    form = a_form({"name": {"type": "string", "title": "<b>Nom</b>"}})

    page = draw(form, form.pages[0], {"name": '"><script>alert(1)</script>'}, NOW)

    assert "<script>" not in page
    assert "<b>" not in page


def test_a_question_the_page_can_show_by_itself_is_drawn_with_its_rule() -> None:
    form = a_form(
        {"kind": {"enum": ["a", "b"]}, "more": {"type": "string"}},
        control("kind"),
        control("more", show_when("kind", "a")),
    )

    view: Any = page_view(form, form.pages[0], {}, now=NOW).elements[1]

    assert view.shown_when == '{"field": "/kind", "values": ["a"], "shown": true}'


def test_the_review_reads_as_people_speak() -> None:
    form = every_kind()

    rows = {row.label: row.values for section in review(form, ANSWERS, "fr", sources=SLOTS) for row in section.rows}

    assert rows["Date de l’événement"] == ("mardi 1er décembre 2026",)
    assert rows["Participation demandée"] == ("12,50\u00a0€",)
    assert rows["Surface"] == ("1\u202f250,5\u00a0m²",)
    assert rows["Téléphone"] == ("06 12 34 56 78",)
    assert rows["Vous êtes"] == ("Une entreprise",)
    assert rows["Créneau"] == ("Mardi 1er décembre, 14 h à 18 h",)


def test_english_reviews_use_english_dates_and_translations() -> None:
    form = every_kind()

    rows = {row.label: row.values for section in review(form, ANSWERS, "en") for row in section.rows}

    assert rows["Date de l’événement"] == ("Tuesday 1 December 2026",)
    assert rows["Phone number"] == ("06 12 34 56 78",)


def test_the_gallery_shows_every_kind_of_field() -> None:
    def kinds(elements: Any) -> set[str]:
        found = {element.kind for element in elements if isinstance(element, Field)}
        return found.union(*(kinds(element.elements) for element in elements if isinstance(element, Group | Repeat)))

    assert set[str]().union(*(kinds(page.elements) for page in every_kind().pages)) == set(get_args(Kind))
