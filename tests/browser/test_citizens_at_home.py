"""Citizens at home: the keyboard alone, a button pressed twice, a page left half-way, the dark, and English."""

import pytest

from tests.browser.conftest import PHONE, Meet
from tests.browser.reports import answer_quickly, report_quickly
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-citizens")]

PUBLIC = ("/contact", "/accessibilite", "/donnees-personnelles", "/mentions-legales", "/connexion", "/compte/creer")


def tab_to(citizen: Visitor, selector: str) -> None:
    """Presses Tab until the focus is on what the selector names."""
    for _ in range(60):
        citizen.page.keyboard.press("Tab")
        if citizen.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector} on {citizen.page.url}")


def test_a_report_is_filed_with_the_keyboard_alone(desktop: Visitor) -> None:
    keyboard = desktop.page.keyboard
    desktop.open("/demarches/incident_report")
    tab_to(desktop, "main button")
    keyboard.press("Enter")
    desktop.see_title("Le problème")
    tab_to(desktop, "input[type=radio]")
    keyboard.press("Space")
    keyboard.press("Enter")
    desktop.see_title("Le lieu")
    tab_to(desktop, "input[type=text]")
    keyboard.type("9 rue du Tabulateur")
    tab_to(desktop, "input[type=radio]")
    keyboard.press("Space")
    keyboard.press("Enter")
    desktop.see_title("Le danger")
    tab_to(desktop, "input[type=radio]")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    desktop.see_title("La description")
    tab_to(desktop, "textarea")
    keyboard.type("Un panneau est tombé.")
    tab_to(desktop, ".form-actions button")
    keyboard.press("Enter")
    desktop.see_title("Les photos")
    tab_to(desktop, ".form-actions button")
    keyboard.press("Enter")
    desktop.see_title("Vous")
    tab_to(desktop, "input[type=radio]")
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    desktop.see_title("Vérifiez vos réponses")
    tab_to(desktop, "[data-once]")
    keyboard.press("Enter")

    desktop.see_title("Nous avons bien reçu votre demande")


def test_what_is_missing_is_said_beside_the_question_and_under_the_focus(phone: Visitor) -> None:
    phone.open("/demarches/incident_report")
    phone.press("Commencer")

    phone.press("Continuer")

    phone.page.locator(".error-summary:focus").wait_for()
    phone.look("incident-errors")


def test_sending_twice_gives_one_receipt(phone: Visitor) -> None:
    phone.open("/demarches/incident_report")
    phone.press("Commencer")
    answer_quickly(phone, email=None, address="10 rue du Double")
    again = phone.context.new_page()
    again.goto(phone.page.url)

    phone.press("Envoyer ma demande")
    phone.see_title("Nous avons bien reçu votre demande")
    again.get_by_role("button", name="Envoyer ma demande").click()
    again.wait_for_url("**/recu")

    codes = [page.locator(".code--large").inner_text() for page in (phone.page, again)]
    assert codes[0] == codes[1]


def test_a_neighbour_is_shown_the_report_already_made_and_joins_it(meet: Meet) -> None:
    place = {"geolocation": {"latitude": 47.3921, "longitude": -0.5312}, "permissions": ["geolocation"]}
    first, neighbour = (meet("phone", **PHONE, **place) for _ in range(2))
    for citizen in (first, neighbour):
        citizen.open("/demarches/incident_report")
        citizen.press("Commencer")
        answer_quickly(citizen, email="voisins@example.org", address="12 rue des Voisins", located=True)
        if citizen is first:
            citizen.press("Envoyer ma demande")
            citizen.see_title("Nous avons bien reçu votre demande")

    neighbour.see("12 rue des Voisins", "à 0 mètre du vôtre")
    neighbour.look("incident-nearby")
    neighbour.press("C’est celui-ci, tenez-moi au courant")

    neighbour.see_title("Vous avez rejoint ce signalement")
    neighbour.look("incident-joined")


def test_a_draft_left_half_way_is_offered_again(phone: Visitor) -> None:
    phone.open("/demarches/incident_report")
    phone.press("Commencer")
    phone.choose("Éclairage public")
    phone.press("Continuer")
    phone.see_title("Le lieu")

    phone.open("/demarches/incident_report")
    phone.look("procedure-with-draft")
    phone.follow("Reprendre ma demande")
    phone.see_title("Le lieu")
    phone.page.go_back()
    phone.open("/")

    phone.see("Vous avez commencé une demande")


def test_a_wrong_code_says_no_more_than_that(phone: Visitor) -> None:
    phone.open("/suivi")
    phone.write("Code de suivi", "ABCDEFGH")
    phone.page.keyboard.press("Enter")

    phone.page.locator(".error-summary").wait_for()
    phone.look("follow-refused")


def test_every_public_page_is_accessible_in_both_schemes_and_languages(meet: Meet) -> None:
    for name, options in (
        ("phone", PHONE),
        ("desktop-dark", {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"}),
    ):
        reader = meet(name, **options)
        for path in ("/", "/demarches/room_booking", "/suivi", *PUBLIC):
            reader.open(path)
            reader.look(path.strip("/").replace("/", "-") or "home")
    english = meet("narrow-english", viewport={"width": 320, "height": 700})
    english.open("/?lang=en")
    english.see("Report a problem in the street")
    english.look("home")
    english.open("/demarches/civil_status_certificate")
    english.look("birth-procedure")


def test_a_question_is_readable_in_the_dark(meet: Meet) -> None:
    night = meet("phone-dark", color_scheme="dark", **PHONE)

    report_quickly(night, email=None, address="11 rue de la Nuit")
    night.look("receipt")
    night.follow("Suivre ma demande")

    night.look("follow")
