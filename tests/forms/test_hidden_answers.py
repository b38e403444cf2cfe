"""The one rule for hidden answers, as a table: an answer exists only while its question is shown.

Each row is a form, what the server had, what one page sends, and what the server has then. The rule in words stands in
docs/reference/forms.md, under “Hidden answers”.
"""

from typing import Any, NamedTuple

import pytest

from forms import Form, check, read, read_form, settle, visible_pages
from tests.forms.samples import NOW, control

TEXT = {"type": "string"}
KIND = {"enum": ["a", "b"]}
DAY = {"type": "string", "format": "date"}


def rule(effect: str, scope: str, value: Any = "a") -> dict[str, Any]:
    """A rule about a property equal to a value."""
    return {"effect": effect, "condition": {"scope": f"#/properties/{scope}", "schema": {"const": value}}}


def a_list(*controls: dict[str, Any], **properties: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema and the control of the list `rows`, with the layout of an item."""
    schema = {"type": "array", "items": {"type": "object", "properties": properties}}
    return schema, control("rows", detail={"type": "VerticalLayout", "elements": list(controls)})


def form_of(properties: dict[str, Any], *pages: list[dict[str, Any]], **keywords: Any) -> Form:
    """A form of these pages; a page is a list of elements, the first may be the rule of the page."""
    categories = []
    for number, elements in enumerate(pages):
        of_page = {"rule": elements[0]} if "effect" in elements[0] else {}
        category = {"type": "Category", "label": f"Page {number}", "elements": elements[bool(of_page) :]}
        categories.append(category | of_page)
    schema = {"type": "object", "title": "Essai", "properties": properties, **keywords}
    return read_form(schema, {"type": "Categorization", "elements": categories})


class Row(NamedTuple):
    """One line of the table. `sent` is the body of the first page."""

    form: Form
    had: dict[str, Any]
    sent: dict[str, str]
    has: dict[str, Any]


TWO = {"kind": KIND, "more": TEXT}
ITEM = {"kind": KIND, "more": TEXT}
GROUP = {"type": "Group", "label": "Bloc", "elements": [control("more")]}
BLOCK = {"type": "object", "properties": {"in": TEXT}}
IN_BLOCK = {"type": "Control", "scope": "#/properties/block/properties/in"}


def alone(effect: str) -> Form:
    """`more` on the page of the choice that rules it."""
    return form_of(TWO, [control("kind"), control("more", rule(effect, "kind"))])


def later(effect: str) -> Form:
    """`more` on the page after the choice that rules it."""
    return form_of(TWO, [control("kind")], [control("more", rule(effect, "kind"))])


def in_items(effect: str) -> Form:
    """`more` beside the choice that rules it, in each item of a list."""
    schema, asked = a_list(control("kind"), control("more", rule(effect, "kind")), **ITEM)
    return form_of({"rows": schema}, [asked])


def whole_list(effect: str) -> Form:
    """A list that a choice of the page rules."""
    schema, asked = a_list(control("more"), more=TEXT)
    return form_of({"kind": KIND, "rows": schema}, [control("kind"), asked | {"rule": rule(effect, "kind")}])


TABLE = {
    # A rule of a question, on the same page.
    "SHOW holds: taken": Row(alone("SHOW"), {}, {"/kind": "a", "/more": "x"}, {"kind": "a", "more": "x"}),
    "SHOW fails: dropped": Row(alone("SHOW"), {"more": "o"}, {"/kind": "b", "/more": "x"}, {"kind": "b"}),
    "SHOW without answer fails": Row(alone("SHOW"), {"kind": "a", "more": "o"}, {"/kind": "", "/more": "x"}, {}),
    "HIDE holds: dropped": Row(alone("HIDE"), {"more": "o"}, {"/kind": "a", "/more": "x"}, {"kind": "a"}),
    "HIDE fails: taken": Row(alone("HIDE"), {}, {"/kind": "b", "/more": "x"}, {"kind": "b", "more": "x"}),
    "ENABLE holds: taken": Row(
        alone("ENABLE"), {"more": "o"}, {"/kind": "a", "/more": "x"}, {"kind": "a", "more": "x"}
    ),
    "ENABLE fails: kept": Row(alone("ENABLE"), {"more": "o"}, {"/kind": "b", "/more": "x"}, {"kind": "b", "more": "o"}),
    "DISABLE holds: kept": Row(
        alone("DISABLE"), {"more": "o"}, {"/kind": "a", "/more": "x"}, {"kind": "a", "more": "o"}
    ),
    "DISABLE holds, nothing kept": Row(alone("DISABLE"), {}, {"/kind": "a", "/more": "x"}, {"kind": "a"}),
    "DISABLE fails: taken": Row(alone("DISABLE"), {}, {"/kind": "b", "/more": "x"}, {"kind": "b", "more": "x"}),
    "asked in two places, hidden in one": Row(
        form_of(
            TWO, [control("kind")], [control("more", rule("SHOW", "kind"))], [control("more", rule("HIDE", "kind"))]
        ),
        {"more": "o"},
        {"/kind": "b"},
        {"kind": "b", "more": "o"},
    ),
    # On a later page, of a whole page, of an earlier one.
    "SHOW fails later: dropped": Row(later("SHOW"), {"more": "o"}, {"/kind": "b"}, {"kind": "b"}),
    "SHOW holds later: kept": Row(later("SHOW"), {"more": "o"}, {"/kind": "a"}, {"kind": "a", "more": "o"}),
    "HIDE holds later: dropped": Row(later("HIDE"), {"more": "o"}, {"/kind": "a"}, {"kind": "a"}),
    "DISABLE holds later: kept": Row(later("DISABLE"), {"more": "o"}, {"/kind": "a"}, {"kind": "a", "more": "o"}),
    "what is no question of the page is not taken": Row(later("SHOW"), {}, {"/kind": "a", "/more": "x"}, {"kind": "a"}),
    "a page is hidden with its answers": Row(
        form_of(TWO, [control("kind")], [rule("SHOW", "kind"), control("more")]),
        {"more": "o"},
        {"/kind": "b"},
        {"kind": "b"},
    ),
    "a later answer hides an earlier one": Row(
        form_of(TWO, [control("more", rule("SHOW", "kind"))], [control("kind")]),
        {"kind": "b"},
        {"/more": "x"},
        {"kind": "b"},
    ),
    # Groups and blocks hand their rule down.
    "a group is hidden with its answers": Row(
        form_of(TWO, [control("kind"), GROUP | {"rule": rule("SHOW", "kind")}]),
        {"more": "o"},
        {"/kind": "b", "/more": "x"},
        {"kind": "b"},
    ),
    "a closed group keeps its answers": Row(
        form_of(TWO, [control("kind"), GROUP | {"rule": rule("DISABLE", "kind")}]),
        {"more": "o"},
        {"/kind": "a", "/more": "x"},
        {"kind": "a", "more": "o"},
    ),
    "a block hidden leaves nothing": Row(
        form_of({"kind": KIND, "block": BLOCK}, [control("kind"), control("block", rule("SHOW", "kind"))]),
        {"block": {"in": "o"}},
        {"/kind": "b", "/block/in": "x"},
        {"kind": "b"},
    ),
    "a block of a later page hidden leaves nothing": Row(
        form_of({"kind": KIND, "block": BLOCK}, [control("kind")], [IN_BLOCK | {"rule": rule("SHOW", "kind")}]),
        {"block": {"in": "o"}},
        {"/kind": "b"},
        {"kind": "b"},
    ),
    "a block asked for stays, even empty, on the page left": Row(
        form_of({"block": BLOCK, "more": TEXT}, [control("more")], [control("block")], required=["block"]),
        {"block": {}},
        {"/more": "x"},
        {"block": {}, "more": "x"},
    ),
    # Chains: what goes may hide more, in either order, however long.
    "a chain forwards": Row(
        form_of(
            {"kind": KIND, "two": KIND, "more": TEXT},
            [control("kind"), control("two", rule("SHOW", "kind")), control("more", rule("SHOW", "two"))],
        ),
        {},
        {"/kind": "b", "/two": "a", "/more": "x"},
        {"kind": "b"},
    ),
    "a chain backwards over sixty pages": Row(
        form_of(
            {"kind": KIND, **{f"q{n}": KIND for n in range(60)}},
            [control("kind")],
            *([control(f"q{n}", rule("SHOW", f"q{n + 1}" if n < 59 else "kind"))] for n in range(60)),
        ),
        {f"q{n}": "a" for n in range(60)},
        {"/kind": "b"},
        {"kind": "b"},
    ),
    "two that hide each other both go": Row(
        form_of({"one": KIND, "two": KIND}, [control("one", rule("HIDE", "two")), control("two", rule("HIDE", "one"))]),
        {},
        {"/one": "a", "/two": "a"},
        {},
    ),
    # Lists: the rule is about the item, or about the list.
    "SHOW in items, each alone": Row(
        in_items("SHOW"),
        {},
        {"/rows/0/kind": "a", "/rows/0/more": "x", "/rows/1/kind": "b", "/rows/1/more": "y"},
        {"rows": [{"kind": "a", "more": "x"}, {"kind": "b"}]},
    ),
    "HIDE in items": Row(in_items("HIDE"), {}, {"/rows/0/kind": "a", "/rows/0/more": "x"}, {"rows": [{"kind": "a"}]}),
    "DISABLE in items: kept": Row(
        in_items("DISABLE"),
        {"rows": [{"kind": "a", "more": "o"}]},
        {"/rows/0/kind": "a", "/rows/0/more": "x"},
        {"rows": [{"kind": "a", "more": "o"}]},
    ),
    "DISABLE in a new item: nothing": Row(
        in_items("DISABLE"), {}, {"/rows/0/kind": "a", "/rows/0/more": "x"}, {"rows": [{"kind": "a"}]}
    ),
    "what is closed moves with its item": Row(
        in_items("DISABLE"),
        {"rows": [{"kind": "b"}, {"kind": "a", "more": "o"}]},
        {"/rows/0/kind": "b", "/rows/1/kind": "a", "/rows/1/more": "x", "do": "remove /rows/0"},
        {"rows": [{"kind": "a", "more": "o"}]},
    ),
    "an item with nothing left is no item": Row(in_items("SHOW"), {}, {"/rows/0/more": "x"}, {}),
    "a hidden list goes": Row(
        whole_list("SHOW"), {"rows": [{"more": "o"}]}, {"/kind": "b", "/rows/0/more": "x"}, {"kind": "b"}
    ),
    "a closed list is kept whole": Row(
        whole_list("DISABLE"),
        {"rows": [{"more": "o"}]},
        {"/kind": "a", "/rows/0/more": "x", "/rows/1/more": "y"},
        {"kind": "a", "rows": [{"more": "o"}]},
    ),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_an_answer_exists_only_while_its_question_is_shown(row: Row) -> None:
    reading = read(row.form, row.form.pages[0], row.sent.items(), row.had)

    assert reading.answers == row.has
    again = read(row.form, row.form.pages[0], (), reading.answers)
    assert again.answers == row.has, "applied twice, the rule says the same"


@pytest.mark.parametrize("effect", ["SHOW", "HIDE", "ENABLE", "DISABLE"])
@pytest.mark.parametrize("place", ["/", "/rows/0/"])
def test_what_cannot_be_read_in_a_question_not_asked_stops_nobody(effect: str, place: str) -> None:
    asked = [control("kind"), control("when", rule(effect, "kind"))]
    schema, listed = a_list(*asked, kind=KIND, when=DAY)
    form = form_of(
        {"kind": KIND, "when": DAY} if place == "/" else {"rows": schema}, asked if place == "/" else [listed]
    )
    closed = "b" if effect in {"SHOW", "ENABLE"} else "a"
    sent = [(f"{place}kind", closed), (f"{place}when#day", "demain")]

    reading = read(form, form.pages[0], sent, {})

    assert reading.problems == ()
    assert check(form, reading, now=NOW) == []


def totals(text: str, answers: dict[str, Any]) -> Any:
    """Stands for FEEL: what the expressions of the next table say."""
    match text:
        case "count * 10":
            return answers["count"] * 10 if "count" in answers else None
        case "total + 1":
            return answers["total"] + 1 if "total" in answers else None
        case "not more":
            return None if "more" in answers else "a"
        case _:
            raise AssertionError(text)


NUMBER = {"type": "number"}
SUM = {"kind": KIND, "count": NUMBER, "total": NUMBER, "next": NUMBER, "more": TEXT}
OVER = {"effect": "SHOW", "condition": {"scope": "#/properties/total", "schema": {"type": "number", "minimum": 50}}}
TOTAL = control("total", compute="count * 10")

COMPUTED = {
    "computed from what is answered": Row(
        form_of(SUM, [control("count"), TOTAL]), {}, {"/count": "6"}, {"count": 6, "total": 60}
    ),
    "gone with what it was computed from": Row(
        form_of(SUM, [control("count"), TOTAL]), {"count": 6, "total": 60}, {"/count": ""}, {}
    ),
    "hidden, it has no value": Row(
        form_of(SUM, [control("kind"), control("count"), TOTAL | {"rule": rule("SHOW", "kind")}]),
        {"total": 9},
        {"/kind": "b", "/count": "6"},
        {"kind": "b", "count": 6},
    ),
    "it opens a later page": Row(
        form_of(SUM, [control("count"), TOTAL], [OVER, control("more")]),
        {"count": 6, "total": 60, "more": "o"},
        {"/count": "7"},
        {"count": 7, "total": 70, "more": "o"},
    ),
    "it closes a later page, whose answers go": Row(
        form_of(SUM, [control("count"), TOTAL], [OVER, control("more")]),
        {"count": 6, "total": 60, "more": "o"},
        {"/count": "1"},
        {"count": 1, "total": 10},
    ),
    "computed on a later page it closes this one's answer": Row(
        form_of(SUM, [control("count"), control("more", OVER)], [TOTAL]),
        {"count": 6, "total": 60},
        {"/count": "1", "/more": "x"},
        {"count": 1, "total": 10},
    ),
    "what hides what it is computed from goes with it": Row(
        form_of(SUM, [control("kind"), control("count", rule("SHOW", "kind")), TOTAL, control("more", OVER)]),
        {},
        {"/kind": "b", "/count": "6", "/more": "x"},
        {"kind": "b"},
    ),
    "computed from computed, in either order": Row(
        form_of(SUM, [control("next", compute="total + 1"), control("count"), TOTAL]),
        {},
        {"/count": "6"},
        {"count": 6, "total": 60, "next": 61},
    ),
    "typed, it is not taken": Row(
        form_of(SUM, [control("count"), TOTAL]), {}, {"/count": "6", "/total": "1"}, {"count": 6, "total": 60}
    ),
}


@pytest.mark.parametrize("row", COMPUTED.values(), ids=COMPUTED.keys())
def test_the_rule_holds_for_what_is_computed_and_for_what_that_hides(row: Row) -> None:
    reading = read(row.form, row.form.pages[0], row.sent.items(), row.had)

    answers = settle(row.form, reading.answers, totals)

    assert answers == row.has
    assert settle(row.form, answers, totals) == row.has, "applied twice, the rule says the same"


def test_answers_that_chase_each_other_come_to_rest() -> None:
    computed = control("kind", compute="not more")
    form = form_of(TWO, [computed, control("more", rule("SHOW", "kind"))])

    answers = settle(form, {"more": "x"}, totals)

    assert set(answers) <= {"kind"}, "`more` is hidden at first, and what has gone does not come back"
    assert visible_pages(form, answers)
