"""How the body of a posted page becomes answers."""

from typing import Any

import pytest

from forms import Attachment, Form, check, read
from tests.forms.samples import NOW, a_form, control, every_kind, show_when


def posted(form: Form, *pairs: tuple[str, str], answers: dict[str, Any] | None = None, language: Any = "fr") -> Any:
    """The reading of the first page of a form."""
    return read(form, form.pages[0], pairs, answers or {}, language=language)


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("fr", "1 250,50", 1250.5),
        ("fr", "1\u202f250,5", 1250.5),
        ("fr", "1.250,50", 1250.5),
        ("fr", "12,0", 12),
        ("fr", "-3", -3),
        ("fr", "12 €", 12),
        ("en", "1,250.50", 1250.5),
        ("en", "1,250", 1250),
        ("en", "1.25", 1.25),
    ],
)
def test_numbers_are_read_as_people_type_them(language: str, typed: str, number: float) -> None:
    form = a_form({"amount": {"type": "number"}})

    reading = posted(form, ("/amount", typed), language=language)

    assert reading.answers == {"amount": number}
    assert reading.problems == ()


@pytest.mark.parametrize(
    "parts", [("3", "2", "2027"), ("03", "02", "2027"), ("3", "février", "2027"), ("3/2/2027", "", "")]
)
def test_dates_are_read_as_people_type_them(parts: tuple[str, str, str]) -> None:
    form = a_form({"day": {"type": "string", "format": "date"}})

    reading = posted(form, ("/day#day", parts[0]), ("/day#month", parts[1]), ("/day#year", parts[2]))

    assert reading.answers == {"day": "2027-02-03"}


def test_a_date_that_does_not_exist_is_kept_as_typed_with_a_problem() -> None:
    form = a_form({"day": {"type": "string", "format": "date", "title": "Jour"}})

    reading = posted(form, ("/day#day", "31"), ("/day#month", "2"), ("/day#year", "2027"))

    assert reading.answers == {}
    assert reading.typed == {"/day#day": ["31"], "/day#month": ["2"], "/day#year": ["2027"]}
    assert [problem.pointer for problem in reading.problems] == ["/day"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("06 12 34 56 78", "+33612345678"), ("+44 20 7946 0958", "+442079460958"), ("0033612345678", "+33612345678")],
)
def test_phone_numbers_are_stored_in_the_international_form(typed: str, stored: str) -> None:
    form = a_form({"phone": {"$ref": "library/phone.json"}})

    assert posted(form, ("/phone", typed)).answers == {"phone": stored}


def test_text_loses_control_characters_and_is_composed() -> None:
    form = a_form({"name": {"type": "string"}})

    reading = posted(form, ("/name", "  Re\u0301mi\x00\x07 \u202eDupont \ud800"))

    assert reading.answers == {"name": "Rémi Dupont"}


def test_a_text_far_too_long_is_not_cut_but_refused() -> None:
    form = a_form({"name": {"type": "string"}})

    reading = posted(form, ("/name", "x" * 5000))

    assert reading.answers == {}
    assert reading.problems[0].message.params["limit"] == "2000"


def test_a_lighter_writing_is_accepted_where_the_pattern_wants_it() -> None:
    form = a_form(
        {"postcode": {"type": "string", "pattern": "^[0-9]{5}$"}, "bank": {"$ref": "library/bank_account.json"}}
    )

    reading = posted(form, ("/postcode", "45 110"), ("/bank", "fr76 3000 6000 0112 3456 7890 189"))

    assert reading.answers == {"postcode": "45110", "bank": "FR7630006000011234567890189"}


def test_unknown_read_only_and_computed_answers_are_never_taken_from_the_body() -> None:
    form = a_form(
        {"name": {"type": "string"}, "fee": {"type": "number", "readOnly": True}, "total": {"type": "number"}},
        control("name"),
        control("fee"),
        control("total", compute="fee * 2"),
    )

    reading = posted(form, ("/name", "A"), ("/fee", "0"), ("/total", "0"), ("/status", "granted"), answers={"fee": 40})

    assert reading.answers == {"name": "A", "fee": 40}


def test_a_hidden_answer_is_dropped_and_so_are_those_it_showed() -> None:
    form = a_form(
        {"kind": {"enum": ["a", "b"]}, "more": {"enum": ["x", "y"]}, "last": {"type": "string"}},
        control("kind"),
        control("more", show_when("kind", "a")),
        control("last", show_when("more", "x")),
    )
    before = {"kind": "a", "more": "x", "last": "kept?"}

    reading = posted(form, ("/kind", "b"), answers=before)

    assert reading.answers == {"kind": "b"}


def test_an_answer_hidden_on_a_later_page_is_dropped_too() -> None:
    form = every_kind()
    answers = {"kind": "company", "siret": "21340001700014"}

    reading = read(form, form.pages[0], [("/kind", ""), ("/kind", "person")], answers)

    assert "siret" not in reading.answers


def test_a_question_closed_to_answering_keeps_the_answer_the_server_had() -> None:
    rule = {"effect": "DISABLE", "condition": {"scope": "#/properties/kind", "schema": {"const": "a"}}}
    form = a_form({"kind": {"enum": ["a", "b"]}, "price": {"type": "integer"}}, control("kind"), control("price", rule))

    reading = posted(form, ("/kind", "a"), ("/price", "1"), answers={"kind": "a", "price": 90})

    assert reading.answers == {"kind": "a", "price": 90}


def test_a_field_that_was_not_sent_keeps_its_answer_and_a_blank_one_loses_it() -> None:
    form = a_form({"one": {"type": "string"}, "two": {"type": "string"}})

    reading = posted(form, ("/two", ""), answers={"one": "1", "two": "2"})

    assert reading.answers == {"one": "1"}


def test_items_are_added_and_removed_by_buttons_without_losing_what_is_typed() -> None:
    form = a_form({"cars": {"type": "array", "items": {"type": "object", "properties": {"plate": {"type": "string"}}}}})
    sent = [("/cars", ""), ("/cars/0", ""), ("/cars/0/plate", "A"), ("/cars/1", ""), ("/cars/1/plate", "B")]

    added = posted(form, *sent, ("do", "add /cars"))
    removed = posted(form, *sent, ("do", "remove /cars/0"))

    assert (added.again, added.answers) == (True, {"cars": [{"plate": "A"}, {"plate": "B"}, {}]})
    assert (removed.again, removed.answers) == (True, {"cars": [{"plate": "B"}]})


def test_an_item_left_blank_disappears_when_the_page_is_finished() -> None:
    form = a_form({"cars": {"type": "array", "items": {"type": "object", "properties": {"plate": {"type": "string"}}}}})

    reading = posted(form, ("/cars", ""), ("/cars/0", ""), ("/cars/0/plate", ""), ("/cars/1/plate", "B"))

    assert reading.answers == {"cars": [{"plate": "B"}]}


def test_only_attachments_the_server_received_are_taken() -> None:
    form = a_form({"files": {"$ref": "library/attachments.json"}})
    received = {"u1": Attachment("u1", "plan.pdf")}
    pairs = [("/files", ""), ("/files#id", "u1"), ("/files#id", "stolen"), ("/files#id", "u0")]

    reading = read(form, form.pages[0], pairs, {"files": [{"id": "u0", "name": "old.pdf"}]}, attachments=received)

    assert reading.answers == {"files": [{"id": "u1", "name": "plan.pdf"}, {"id": "u0", "name": "old.pdf"}]}


def test_an_attachment_is_removed_by_its_button() -> None:
    form = a_form({"files": {"$ref": "library/attachments.json"}})
    answers = {"files": [{"id": "u0", "name": "old.pdf"}]}

    reading = posted(form, ("/files", ""), ("/files#id", "u0"), ("do", "remove /files#u0"), answers=answers)

    assert (reading.again, reading.answers) == (True, {})


def test_questions_that_appear_after_reading_ask_for_the_page_again() -> None:
    rule = {
        "effect": "SHOW",
        "condition": {"scope": "#/properties/people", "schema": {"type": "integer", "minimum": 100}},
    }
    form = a_form(
        {"people": {"type": "integer"}, "security": {"type": "string"}}, control("people"), control("security", rule)
    )

    first = posted(form, ("/people", "150"))
    second = posted(form, ("/people", "150"), ("/security", "Oui"), answers=first.answers)

    assert (first.again, second.again) == (True, False)


def test_a_block_left_blank_is_no_answer() -> None:
    form = a_form({"address": {"$ref": "library/address.json"}})

    reading = posted(form, ("/address/lines", " "), ("/address/postcode", ""), ("/address/town", ""))

    assert reading.answers == {}


@pytest.mark.parametrize(
    "text", ["\u200b", "\u3164\u3164", "\u2800", "\u00ad \u200d", "\ufeff", "\U000e0041\U000e0042", "\u034f"]
)
def test_what_is_drawn_as_nothing_is_no_answer(text: str) -> None:
    form = a_form({"name": {"type": "string", "title": "Nom"}}, required=("name",))

    reading = read(form, form.pages[0], [("/name", text)], {})

    assert reading.answers == {}
    assert [each.pointer for each in check(form, reading, now=NOW)] == ["/name"]


def test_a_hidden_text_does_not_travel_in_an_answer_and_names_keep_their_joiners() -> None:
    form = a_form({"name": {"type": "string", "title": "Nom"}})

    reading = read(form, form.pages[0], [("/name", "Zoé\u202e\U000e0068\U000e0069\u200b می\u200cخواهم")], {})

    assert reading.answers == {"name": "Zoé می\u200cخواهم"}
