"""Administrators try rules and conditions beside their editor, and read why."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-administration")]


def editor_of(administrator: Visitor, path: str) -> None:
    administrator.open(path)
    administrator.page.locator("html[data-editor=ready]").wait_for()


def test_a_decision_is_tried_beside_its_editor_and_says_which_rule_matched(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    editor_of(desktop, "/admin/demarches/incident_report/atelier?fichier=routing.dmn")
    page = desktop.page

    page.locator("#trying summary").click()
    page.get_by_label("answers.category").fill("pothole")
    page.get_by_label("answers.danger").fill("true")
    page.locator("#trying-form button").click()

    expect(page.locator(".trying__result")).to_contain_text("Réponse :")
    expect(page.locator(".trying__steps li").first).to_contain_text("règle")


def test_a_condition_is_tried_beside_the_diagram_and_a_null_says_why_in_french(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    editor_of(desktop, "/admin/demarches/room_booking/atelier")
    page = desktop.page

    page.locator("#trying summary").click()
    page.locator("#trying-text").fill('= review.amount > 100 and case.origin = "online"')
    page.get_by_label("review.amount").fill("beaucoup")
    page.get_by_label("case.origin").fill("online")
    page.locator("#trying-form button").click()

    expect(page.locator(".trying__problem")).to_have_text(
        "Ligne 1, colonne 9 : Ces deux valeurs ne se comparent pas : un texte (« review.amount ») et un nombre."
    )
    expect(page.locator(".trying__steps")).to_contain_text('case.origin = "online"')
    desktop.look("try-a-condition")


def test_an_expression_that_is_not_feel_is_refused_with_its_place(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    editor_of(desktop, "/admin/demarches/room_booking/atelier")
    page = desktop.page

    page.locator("#trying summary").click()
    page.locator("#trying-text").fill("= if a then")
    page.locator("#trying-form button").click()

    expect(page.locator(".trying__refusal")).to_contain_text("Ligne 1, colonne")
