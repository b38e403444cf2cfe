"""The form of a room: read and shown again as it was filled in."""

import pytest

from admin.hall_forms import read, slug_of, typed_of
from desk.resources import Resource

NEW = Resource(slug="", name={})
FILLED = {
    "name_fr": "Préau",
    "before": "0",
    "after": "15",
    "active": "1",
    "day_6": "9h–12h, 19h–1h",
    "equipment": "a, b",
}


def test_what_is_kept_is_shown_again_as_it_was_typed():
    filled = read(FILLED, NEW)

    shown = typed_of(filled.resource, filled.openings, "fr")
    assert filled.wrong == {} and {name: shown[name] for name in FILLED} == FILLED
    assert (shown["slug"], shown["name_en"], filled.resource.name["en"]) == ("preau", "", "Préau")


@pytest.mark.parametrize(
    ("name", "slug"), [("Salle des fêtes", "salle-des-fetes"), ("Préau de l’école", "preau-de-l-ecole"), ("¿?", "")]
)
def test_a_short_name_is_made_of_the_name(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"after": "-1"}, {"after": "after"}),
        ({"before": "1441"}, {"before": "before"}),
        ({"capacity": "１２"}, {"capacity": "capacity"}),
        ({"place": "x" * 201}, {"place": "long"}),
        ({"name_fr": "9"}, {"slug": "slug"}),
        ({"day_7": "20h–2h", "day_1": "1h–3h"}, {"day_1": "OpeningsOverlap"}),
        ({"day_7": "x" * 5_000}, {"day_7": "OpeningsUnreadable"}),
    ],
)
def test_each_mistake_is_told_at_its_field(changes, wrong):
    filled = read(FILLED | changes, NEW)

    assert {name: each.why for name, each in filled.wrong.items()} == wrong
    assert all(len(text) <= 600 for text in filled.typed.values())
