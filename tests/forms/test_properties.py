"""What holds for every form and every body: round trip, no exception, the two validators agree."""

import time
from datetime import date
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import check, page_view, read, read_form, review, validate
from forms.cleaning import clean_line
from forms.formats import is_iban, is_phone, is_siret
from tests.forms.browser import draw, sent_by
from tests.forms.samples import NOW, every_kind

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LINES = st.text(max_size=30).map(clean_line).filter(bool)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
DAYS = st.dates(date(1000, 1, 1)).map(date.isoformat)
MOMENTS = st.sampled_from(["2026-11-24T14:30:00+01:00", "2020-01-01T12:34:56Z", "2026-07-01T08:00:00+02:00"])
TIMES = st.sampled_from(["14:30:00Z", "23:59:59Z", "08:15:00+01:00"])
Asked = tuple[dict[str, Any], st.SearchStrategy[Any]]


def scalars() -> st.SearchStrategy[Asked]:
    """A schema of one value, with a strategy of its valid values."""
    choices = st.lists(LINES, min_size=1, max_size=9, unique=True)
    numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: int(number) if number.is_integer() else number)
    return st.one_of(
        st.just(({"type": "string", "minLength": 1}, LINES)),
        st.just(({"type": "integer"}, st.integers(-(10**15), 10**15))),
        st.just(({"type": "number"}, numbers)),
        st.just(({"type": "boolean"}, st.booleans())),
        st.just(({"type": "string", "format": "date"}, DAYS)),
        st.just(({"type": "string", "format": "date-time"}, MOMENTS)),
        st.just(({"type": "string", "format": "time"}, TIMES)),
        st.just(({"type": "string", "format": "email"}, st.just("claire@exemple.fr"))),
        st.just(({"type": "string", "format": "phone"}, st.sampled_from(["+33612345678", "+442079460958"]))),
        choices.map(lambda values: ({"enum": values}, st.sampled_from(values))),
        st.just(({"enum": [1, "1", 2.5, "b"]}, st.sampled_from([1, "1", 2.5, "b"]))),
        choices.map(lambda v: ({"oneOf": [{"const": each, "title": each} for each in v]}, st.sampled_from(v))),
    )


def several(values: list[str]) -> Asked:
    """Several of a closed list."""
    return (
        {"type": "array", "uniqueItems": True, "items": {"enum": values}},
        st.lists(st.sampled_from(values), unique=True, min_size=1).map(lambda chosen: sorted(chosen, key=values.index)),
    )


def objects(inner: st.SearchStrategy[Asked]) -> st.SearchStrategy[Asked]:
    """An object that has one required property and perhaps others."""

    def build(properties: dict[str, Asked]) -> Asked:
        names = list(properties)
        schema = {"type": "object", "required": names[:1], "properties": {n: properties[n][0] for n in names}}
        optional = {name: properties[name][1] for name in names[1:]}
        return schema, st.fixed_dictionaries({names[0]: properties[names[0]][1]}, optional=optional)

    return st.dictionaries(NAMES, inner, min_size=1, max_size=4).map(build)


def lists(inner: st.SearchStrategy[Asked]) -> st.SearchStrategy[Asked]:
    """A list of items."""
    return inner.map(lambda each: ({"type": "array", "items": each[0]}, st.lists(each[1], min_size=1, max_size=3)))


FIELDS = st.recursive(
    st.one_of(scalars(), st.lists(LINES, min_size=1, max_size=5, unique=True).map(several)),
    lambda inner: st.one_of(objects(inner), lists(inner)),
    max_leaves=6,
)
FORMS = objects(FIELDS)


@RELAXED
@given(asked=FORMS, data=st.data())
def test_any_valid_answers_survive_being_drawn_sent_and_read(asked: Asked, data: st.DataObject) -> None:
    schema, values = asked
    form = read_form(schema)
    answers = data.draw(values)

    pairs = sent_by(draw(form, form.pages[0], answers, NOW))
    reading = read(form, form.pages[0], pairs, {})

    assert reading.problems == ()
    assert reading.answers == answers
    assert not reading.again
    assert check(form, reading, now=NOW) == []


@RELAXED
@given(asked=FORMS, data=st.data())
def test_any_valid_answers_can_be_reviewed_in_both_languages(asked: Asked, data: st.DataObject) -> None:
    schema, values = asked
    form = read_form(schema)
    answers = data.draw(values)

    assert [len(review(form, answers, language)) for language in ("fr", "en")] == [1, 1]


EVERY = every_kind()
EVERY_NAME = st.sampled_from([pair[0] for page in EVERY.pages for pair in sent_by(draw(EVERY, page, {}, NOW))])
ANY_NAME = st.one_of(
    EVERY_NAME,
    st.text(max_size=20),
    st.sampled_from(
        ["do", "/vehicles/0/plate", "/vehicles/99999/plate", "/vehicles/-1/plate", "/vehicles/x", "/photos#id", "/when"]
    ),
)
ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters()),
    st.sampled_from(["add /vehicles", "remove /vehicles/0", "9" * 5000, "²", "1e999"]),
)


@settings(RELAXED, max_examples=200)
@given(pairs=st.lists(st.tuples(ANY_NAME, ANY_TEXT), max_size=30), rank=st.integers(0, 2))
def test_reading_never_raises_and_what_it_keeps_can_be_drawn_and_checked(
    pairs: list[tuple[str, str]], rank: int
) -> None:
    page = EVERY.pages[rank]

    reading = read(EVERY, page, pairs, {})
    problems = check(EVERY, reading, page=page, now=NOW)

    assert page_view(EVERY, page, reading.answers, now=NOW, typed=reading.typed, problems=problems)
    assert set(reading.answers) <= set(EVERY.schema["properties"])


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=5), DAYS, st.just("claire@exemple.fr")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=5,
)


@RELAXED
@given(asked=FORMS, data=st.data())
def test_our_validator_and_the_reference_agree(asked: Asked, data: st.DataObject) -> None:
    schema, values = asked
    form = read_form(schema)
    answers = data.draw(values)
    spoiled = {**answers, data.draw(st.sampled_from(list(schema["properties"]))): data.draw(JSON)}
    reference = jsonschema.Draft202012Validator(schema, format_checker=reference_formats())

    assert (validate(form, spoiled, now=NOW) == []) is reference.is_valid(spoiled)


def reference_formats() -> jsonschema.FormatChecker:
    """The formats of the reference library, with those it does not have or checks too little."""
    checker = jsonschema.FormatChecker(["date"])
    for name, predicate in (("phone", is_phone), ("siret", is_siret), ("iban", is_iban)):
        checker.checks(name)(predicate)
    known = {"email": {"claire@exemple.fr"}, "time": {"14:30:00Z", "23:59:59Z", "08:15:00+01:00"}}
    for name, valid in known.items():
        checker.checks(name)(lambda text, valid=valid: not isinstance(text, str) or text in valid)
    checker.checks("date-time")(lambda text: not isinstance(text, str) or "T" in text)
    return checker


def test_a_hostile_body_is_read_in_a_tenth_of_a_second() -> None:
    page = EVERY.pages[1]
    body = [(f"/vehicles/{number}/plate", "x" * 2000) for number in range(5000)] + [("/email", "\x00" * 1_000_000)]

    begun = time.process_time()
    reading = read(EVERY, page, body, {})
    problems = check(EVERY, reading, page=page, now=NOW)

    assert time.process_time() - begun < 0.1
    assert problems
