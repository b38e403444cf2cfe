"""The story of a room: chosen slot by slot, its fee said beforehand, a paper sent late, two departments, a party."""

import re
from datetime import date, timedelta

import pytest

from tests.browser.conftest import PHONE, Meet
from tests.browser.papers import certificate
from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor, link_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-room-booking")]


def ask_for_a_room(
    citizen: Visitor, *, email: str, people: int, room: str, day: date, insured: bool = True, look: bool = True
) -> str:
    """From the page of the procedure to the receipt, as an association of the town; returns the slot chosen."""
    citizen.open("/demarches/room_booking")
    _see(citizen, "room-procedure", look)
    citizen.press("Commencer")
    citizen.choose("Une association")
    if not citizen.scripts:
        citizen.press("Continuer")
    citizen.write("Nom de l’association", "Les Amis du fleuve")
    _go_on(citizen, "room-1-who", look)
    citizen.choose("Oui")
    citizen.press("Continuer")
    citizen.write("Prénom", "Aline")
    citizen.write("Nom", "Berger")
    citizen.write("Adresse électronique", email)
    citizen.write("Téléphone", "06 12 34 56 78")
    citizen.write("Adresse postale", "4 quai de la Loire\n49000 Saint-Martin-sur-Loire")
    _go_on(citizen, "room-3-contact", look)
    citizen.write("Pour quoi faire", "Un repas de fin d’année.")
    citizen.press("Continuer")
    citizen.write("Combien de personnes", str(people))
    citizen.choose(room)
    _go_on(citizen, "room-5-room", look)
    slot = citizen.page.locator(f"input[type=radio][value*='/{day.isoformat()}T']").first
    chosen = slot.get_attribute("value") or ""
    slot.check()
    _go_on(citizen, "room-6-slot", look)
    if insured:
        citizen.page.locator("input[type=file]").set_input_files(certificate())
        if citizen.scripts:
            citizen.see("attestation.pdf : ajouté")
    _go_on(citizen, "room-7-insurance", look)
    citizen.see("Tarif de la salle")
    citizen.page.get_by_label("Je m’engage").check()
    _go_on(citizen, "room-8-fee", look)
    citizen.see_title("Vérifiez vos réponses")
    _see(citizen, "room-9-review", look)
    citizen.press("Envoyer ma demande")
    citizen.see_title("Nous avons bien reçu votre demande")
    return chosen


def _see(citizen: Visitor, screen: str, look: bool) -> None:
    if look:
        citizen.look(screen)


def _go_on(citizen: Visitor, screen: str, look: bool) -> None:
    _see(citizen, screen, look)
    citizen.press("Continuer")


def test_a_large_party_sends_its_paper_and_is_agreed_by_two_departments(
    phone: Visitor, desktop: Visitor, meet: Meet, town: ServedTown
) -> None:
    day = town.today() + timedelta(days=9)
    ask_for_a_room(
        phone, email="aline@example.org", people=150, room="Salle des fêtes (200 personnes)", day=day, insured=False
    )

    missing = town.mail("aline@example.org", "il manque une pièce")
    phone.open(link_in(missing.text, "/suivi/"))
    phone.wait_to_see(re.compile("Envoyer la pièce manquante"))
    phone.look("room-10-follow-missing")
    phone.follow("Le faire maintenant")
    phone.page.locator("input[type=file]").set_input_files(certificate())
    phone.look("room-11-to-do")
    phone.press("Envoyer")
    phone.see_no("Le faire maintenant")

    desktop.sign_in("Lucie Marchand")
    desktop.open_task("Examiner la demande", "Salle des fêtes")
    desktop.see("Les Amis du fleuve", "attestation.pdf", "Décidé par les règles")
    desktop.page.locator("#regles summary").first.click()
    desktop.see("Tarif de la salle, règle")
    desktop.look("room-case-review")
    desktop.choose("Accorder la salle")
    desktop.press("Valider : Examiner la demande")
    safety = meet("desktop")
    safety.sign_in("Karim Benali")
    safety.open_task("Donner un avis de sécurité", "Salle des fêtes")
    safety.choose("Favorable")
    safety.look("room-case-opinion")
    safety.press("Valider : Donner un avis de sécurité")

    agreed = town.mail("aline@example.org", "la salle vous est accordée")
    assert "Tarif" in agreed.text
    assert any(name.endswith(".ics") for name in agreed.attachments)
    phone.page.reload()
    phone.see("Acceptée", "Documents")
    phone.look("room-12-granted")

    town.live_on(days=(day - town.today()).days - 2, hours=4)
    town.mail("aline@example.org", "Votre réservation approche")
    town.live_on(days=3, hours=6)
    invitation = town.mail("aline@example.org", "votre avis compte")
    phone.give_opinion(link_in(invitation.text, "/enquete/"), 4, "Salle propre.")


def test_a_slot_that_somebody_holds_is_not_offered_to_another(phone: Visitor, meet: Meet, town: ServedTown) -> None:
    day = town.today() + timedelta(days=7)
    room = "Maison des associations (40 personnes)"
    first = ask_for_a_room(phone, email="premier@example.org", people=30, room=room, day=day, look=False)

    other = meet("phone", **PHONE)
    second = ask_for_a_room(other, email="second@example.org", people=30, room=room, day=day, look=False)

    assert first != second


def test_a_room_is_asked_for_without_javascript(without_javascript: Visitor, town: ServedTown) -> None:
    ask_for_a_room(
        without_javascript,
        email="sans-script@example.org",
        people=20,
        room="Salle Jeanne-d’Arc (60 personnes)",
        day=town.today() + timedelta(days=5),
    )

    town.mail("sans-script@example.org", "")
