"""An administrator adds a room with its week, on a telephone without JavaScript; mistakes are said beside the field."""

import pytest

from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-connections")]

REMOVE = "DELETE FROM desk_resource WHERE slug = 'preau-de-l-ecole'"


@pytest.fixture(params=["desktop", "without_javascript"])
def claire(request: pytest.FixtureRequest) -> Visitor:
    return request.getfixturevalue(request.param)


def test_a_room_is_added_and_its_week_changed(claire: Visitor, town: ServedTown) -> None:
    claire.sign_in("Claire Fontaine")
    claire.open("/admin/salles")
    claire.look("halls")
    claire.follow("Ajouter une salle ou une ressource")
    try:
        claire.write("Nom en français", "Préau de l’école")
        claire.write("Mardi", "8h–12h, 11h–14h")
        claire.write("Mercredi", "14h–9h")
        claire.press("Ajouter")
        claire.see("chevauche", "finit avant de commencer")
        claire.look("hall-wrong")
        claire.write("Mardi", "8h–12h, 14h–18h30")
        claire.write("Mercredi", "19h–1h")
        claire.press("Ajouter")
        claire.see("C’est ajouté.")
        claire.look("hall-added")
        claire.write("Mardi", "")
        claire.press("Enregistrer")
        claire.see("C’est enregistré.")
    finally:
        town.run_sql(REMOVE)
