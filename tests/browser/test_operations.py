"""Administrators at the controls: a case stands still and goes on; a corrected diagram takes running cases along."""

import pytest

from tests.browser.reports import report_quickly
from tests.browser.test_administration import PROCESSES, send_bundle, zipped
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-administration")]


def operate(administrator: Visitor, about: str) -> None:
    """Opens the operations page of a case from the list."""
    administrator.open("/admin/dossiers?demarche=incident_report")
    line = administrator.page.locator("tr", has_text=about)
    line.get_by_role("link", name="Exploitation").click()


def test_a_suspended_case_stands_still_until_it_is_resumed(phone: Visitor, desktop: Visitor) -> None:
    report_quickly(phone, email=None, address="4 rue de la Pause")
    desktop.sign_in("Claire Fontaine")
    operate(desktop, "4 rue de la Pause")
    desktop.page.locator("html[data-editor=ready]").wait_for()
    desktop.look("operate")
    desktop.page.set_viewport_size({"width": 360, "height": 740})
    desktop.page.evaluate("scrollTo(0, 0)")
    desktop.look("operate-small")
    desktop.page.set_viewport_size({"width": 1440, "height": 900})

    desktop.page.get_by_text("Suspendre", exact=True).first.click()
    desktop.page.locator("#reason-suspension-1").fill("Contrôle de la préfecture")
    desktop.press("Suspendre")
    desktop.look("confirm")
    desktop.press("Confirmer")

    desktop.see("Suspendu depuis")
    desktop.look("suspended")
    desktop.page.get_by_text("Reprendre", exact=True).first.click()
    desktop.page.locator("#reason-suspension-1").fill("Contrôle terminé")
    desktop.press("Reprendre")
    desktop.press("Confirmer")
    desktop.see("C’est fait")
    desktop.see_no("Suspendu depuis")


def test_running_cases_go_on_with_a_corrected_diagram(phone: Visitor, desktop: Visitor) -> None:
    report_quickly(phone, email=None, address="5 rue du Nouveau Schéma")
    desktop.sign_in("Claire Fontaine")
    operate(desktop, "5 rue du Nouveau Schéma")
    desktop.page.get_by_role("link", name="Migrer les dossiers de cette version").click()
    version = desktop.page.url
    diagram = (PROCESSES / "incident_report" / "incident_report.bpmn").read_bytes()
    corrected = diagram.replace(b"Examiner le signalement", "Étudier le signalement".encode())
    send_bundle(desktop, zipped(PROCESSES / "incident_report", incident_report=corrected))
    desktop.press("Publier")
    desktop.see("Publiée")

    desktop.open(version)
    desktop.press("Voir quels dossiers peuvent migrer")
    desktop.see("Essai à blanc")
    desktop.look("dry-run")
    desktop.page.set_viewport_size({"width": 360, "height": 740})
    desktop.look("dry-run-small")
    desktop.page.set_viewport_size({"width": 1440, "height": 900})
    desktop.page.locator("#reason").fill("Le libellé trompait")
    desktop.page.get_by_role("button", name="Migrer", exact=False).click()
    desktop.look("migrate-confirm")
    desktop.press("Confirmer")
    desktop.page.get_by_role("heading", name="Migration de dossiers").wait_for()
    for _ in range(20):
        if desktop.page.get_by_text("Terminé", exact=True).count():
            break
        desktop.follow("Actualiser")
    desktop.look("batch")

    operate(desktop, "5 rue du Nouveau Schéma")
    desktop.see("Étudier le signalement")
    phone.open("/")
