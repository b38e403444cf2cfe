"""What is said about answers that cannot be kept: every problem at once, the field named, the remedy told."""

import random
import re
from typing import Any

import phonenumbers
import pytest

from forms import Choice, Form, check, read, say, validate
from forms.formats import is_phone
from tests.forms.gallery import environment
from tests.forms.samples import NOW, SLOTS, a_form, control, every_kind, show_when

FRENCH = environment("fr").globals["gettext"]


def sentences(problems: Any) -> list[str]:
    """The French sentences of problems."""
    words: Any = environment("fr").from_string("{% for p in ps %}{{ gettext(p.id, **p.params) }}\n{% endfor %}")
    return (
        words.render(ps=[problem.message for problem in problems])
        .replace("&#39;", "'")
        .replace("\u00a0:", " :")
        .splitlines()
    )


def problems_of(form: Form, answers: dict[str, Any], **options: Any) -> list[str]:
    """The French sentences about these answers."""
    return sentences(validate(form, answers, now=NOW, **options))


def test_every_missing_answer_is_named_with_its_remedy_in_the_order_of_the_questions() -> None:
    form = every_kind()

    said = problems_of(form, {})

    assert said == [
        "Nom de l’événement : indiquez une réponse.",
        "Y aura-t-il de la musique : choisissez une réponse.",
        "Vous êtes : choisissez une réponse.",
        "Date de l’événement : indiquez une date.",
        "Adresse électronique : indiquez une réponse.",
        "Adresse ou description du lieu : indiquez une réponse.",
        "Photos : ajoutez au moins un fichier.",
        "J’ai lu ce qui précède et je l’accepte : cochez la case pour continuer.",
        "Prénom et nom, comme signature : écrivez votre prénom et votre nom.",
    ]


def test_one_page_is_checked_alone() -> None:
    form = every_kind()

    found = validate(form, {}, page=form.pages[1], now=NOW)

    assert [problem.pointer for problem in found] == ["/email", "/place/address"]


def test_a_question_asked_only_in_some_cases_is_missing_only_then() -> None:
    form = every_kind()

    person = validate(form, {"kind": "person"}, page=form.pages[0], now=NOW)
    company = validate(form, {"kind": "company"}, page=form.pages[0], now=NOW)

    assert "/siret" not in [problem.pointer for problem in person]
    assert "/siret" in [problem.pointer for problem in company]


def test_a_hidden_question_is_not_asked_even_when_the_schema_requires_it() -> None:
    form = a_form(
        {"kind": {"enum": ["a", "b"]}, "more": {"type": "string"}},
        control("kind"),
        control("more", show_when("kind", "a")),
        required=("more",),
    )

    assert problems_of(form, {"kind": "b"}) == []
    assert problems_of(form, {"kind": "a"}) == ["More : indiquez une réponse."]


def test_a_problem_in_an_item_names_the_item() -> None:
    form = every_kind()

    found = validate(form, {"vehicles": [{"plate": "AB-123-CD"}, {"plate": "x"}]}, page=form.pages[1], now=NOW)

    assert sentences(found)[-1] == "Véhicule 2 – Immatriculation : vérifiez votre saisie. Par exemple AB-123-CD."
    assert found[-1].field_id == "f-vehicles-1-plate"


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer", "minimum": 1}, 0, "Q : indiquez 1 ou plus."),
        ({"type": "number", "maximum": 1250.5}, 2000, "Q : indiquez 1\u202f250,5 au plus."),
        ({"type": "integer"}, 1.5, "Q : indiquez un nombre entier, sans virgule."),
        ({"type": "string", "maxLength": 3}, "abcde", "Q : écrivez au plus 3 caractères (il y en a 5)."),
        (
            {"type": "string", "format": "email"},
            "claire",
            "Q : indiquez une adresse complète, par exemple nom@exemple.fr.",
        ),
        ({"type": "string", "format": "siret"}, "123", "Q : indiquez les 14 chiffres du numéro SIRET."),
        (
            {"type": "array", "uniqueItems": True, "minItems": 2, "items": {"enum": ["a", "b"]}},
            ["a"],
            "Q : donnez-en au moins 2.",
        ),
    ],
)
def test_each_constraint_has_its_sentence(schema: dict[str, Any], value: Any, said: str) -> None:
    form = a_form({"q": {"title": "Q", **schema}})

    assert problems_of(form, {"q": value}) == [said]


def test_a_designer_may_word_an_error() -> None:
    form = a_form(
        {"q": {"title": "Q", "type": "integer", "maximum": 80}},
        control("q", errors={"maximum": "la salle a 80 places."}),
    )

    assert problems_of(form, {"q": 90}) == ["Q : la salle a 80 places."]


def test_days_are_bounded_by_today_and_by_other_answers() -> None:
    form = a_form(
        {"stay": {"$ref": "library/period.json"}, "day": {"type": "string", "format": "date", "title": "Jour"}},
        control("stay"),
        control("day", minDate="today+7d", maxDate="today+1y"),
    )

    said = problems_of(form, {"day": "2026-11-30", "stay": {"start": "2026-12-03", "end": "2026-12-01"}})

    assert said == [
        "Dernier jour : choisissez un jour à partir du 3 décembre 2026.",
        "Jour : choisissez un jour à partir du 1er décembre 2026.",
    ]


def test_a_slot_no_longer_offered_is_told() -> None:
    form = every_kind()

    found = validate(form, {"slot": "z"}, page=form.pages[0], now=NOW, sources=SLOTS)

    assert "Créneau : ce créneau n’est plus libre, choisissez-en un autre." in sentences(found)


def test_an_offered_choice_is_accepted() -> None:
    form = a_form({"slot": {"type": "string"}}, control("slot", widget="slot", source="free"))

    assert validate(form, {"slot": "a"}, now=NOW, sources={"free": [Choice("a", "9 h")]}) == []


def test_what_could_not_be_read_is_said_once() -> None:
    form = a_form({"n": {"type": "integer", "title": "Nombre"}}, required=("n",))

    problems = check(form, read(form, form.pages[0], [("/n", "beaucoup")], {}), now=NOW)

    assert sentences(problems) == ["Nombre : indiquez un nombre, par exemple 12 ou 12,50."]


def test_an_answer_nobody_asked_for_is_refused_where_the_schema_is_closed() -> None:
    form = a_form({"n": {"type": "integer"}}, additionalProperties=False)

    assert problems_of(form, {"n": 1, "status": "granted"}) == [
        "Certaines réponses ne vont pas ensemble : vérifiez-les avant de continuer."
    ]


def test_english_messages_are_their_own_ids() -> None:
    form = a_form({"q": {"title": "Age", "type": "integer", "minimum": 18}})

    problem = validate(form, {"q": 3}, now=NOW, language="en")[0]

    assert say(problem.message, lambda text: text) == "Age: enter 18 or more."


def test_a_number_is_possible_where_the_whole_library_says_so():
    random_ = random.Random(7)
    codes = [*phonenumbers.COUNTRY_CODE_TO_REGION_CODE, 0, 999]
    numbers = [
        f"+{code}{random_.choice(['', '0', '1', '8', '15', '800'])}{random_.randrange(10 ** random_.randrange(2, 12))}"
        for code in codes
        for _ in range(12)
    ]

    def whole(text: str) -> bool:
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(text))
        except phonenumbers.NumberParseException:
            return False

    told = {number: is_phone(number) for number in numbers if re.fullmatch(r"\+[0-9]{5,15}", number)}

    assert told == {number: whole(number) for number in told}
    assert 0.1 < sum(told.values()) / len(told) < 0.9
