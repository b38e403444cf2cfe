"""The story of a pothole: told on a telephone, examined, mended, and judged by the person who told it."""

import re
from datetime import timedelta

import pytest

from tests.browser.conftest import Meet
from tests.browser.papers import photo
from tests.browser.reports import report_a_pothole
from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor, in_french, link_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-incident-report")]


def test_a_pothole_told_on_a_telephone_is_mended_and_its_teller_satisfied(
    phone: Visitor, desktop: Visitor, meet: Meet, town: ServedTown
) -> None:
    day = town.today() + timedelta(days=3)
    code = report_a_pothole(phone, email="camille@example.org")
    receipt = town.mail("camille@example.org", "")

    assert code.replace(" ", "") in receipt.text.replace(" ", "")

    desktop.sign_in("Bruno Leclerc")
    desktop.see_title("À traiter")
    desktop.see("Examiner le signalement", "12 rue des Tilleuls")
    desktop.look("inbox")
    desktop.open_task("Examiner le signalement", "12 rue des Tilleuls")
    desktop.see("Camille Durand", "Un trou de trente centimètres devant l’école.", "trou.jpg")
    desktop.look("case-file")
    desktop.press("Prendre en charge")
    desktop.choose("Programmer une intervention")
    desktop.set_day("Date prévue", day)
    desktop.write("Mot pour l’habitant", "Un enrobé à froid suffira.")
    desktop.press("Valider : Examiner le signalement")

    planned = town.mail("camille@example.org", "intervention prévue")
    assert in_french(day) in planned.text
    phone.follow("Suivre ma demande")
    phone.see("Voirie")
    phone.look("incident-9-follow")

    town.live_on(days=3)
    desktop.sign_in("Bruno Leclerc")
    desktop.open_task("Réaliser l’intervention", "12 rue des Tilleuls")
    desktop.choose("C’est fait")
    desktop.set_day("Date de l’intervention", day)
    desktop.write("Ce qui a été fait", "Trou rebouché à l’enrobé.")
    desktop.page.locator("input[type=file]").set_input_files(photo("apres.jpg"))
    desktop.look("case-intervention")
    desktop.press("Valider : Réaliser l’intervention")
    desktop.see("C’est fait")

    town.mail("camille@example.org", "le problème est réglé")
    # The letter is there before its job has reported and the case has reached its end.
    phone.wait_to_see(re.compile("Le problème est réglé"))
    phone.see("apres.jpg")
    phone.look("incident-10-answered")
    invitation = town.mail("camille@example.org", "votre avis compte")
    phone.give_opinion(link_in(invitation.text, "/enquete/"), 5, "Rapide et clair.")

    administrator = meet("desktop")
    administrator.sign_in("Claire Fontaine")
    administrator.open("/admin/chiffres")
    administrator.see("Signaler un problème dans l’espace public")
    administrator.look("dashboard")


def test_an_anonymous_report_is_followed_with_its_code_alone(phone: Visitor, meet: Meet) -> None:
    code = report_a_pothole(phone, email=None, address="3 quai de la Loire")

    stranger = meet("phone")
    stranger.open("/suivi")
    stranger.look("follow-ask")
    stranger.write("Code de suivi", code)
    stranger.page.keyboard.press("Enter")

    stranger.see("Voirie")


def test_the_report_is_filed_and_followed_without_javascript(without_javascript: Visitor, town: ServedTown) -> None:
    report_a_pothole(without_javascript, email="jean@example.org", address="8 place du Marché")

    without_javascript.follow("Suivre ma demande")

    without_javascript.see("Signaler un problème dans l’espace public", "Étape par étape", "trou.jpg")
    town.mail("jean@example.org", "")
