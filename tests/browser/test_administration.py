"""Administrators: a zip that is not right, a diagram and rules changed in the browser, a blocked case, the mails."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.reports import report_quickly
from tests.browser.served import ROOT, ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-administration")]

PROCESSES = ROOT / "processes"

RENAMED = """
INSERT INTO department (slug, name_fr, name_en, email, phone, address, hours_fr, hours_en, active)
    SELECT '{new}', name_fr, name_en, email, phone, address, hours_fr, hours_en, active
    FROM department WHERE slug = '{old}';
UPDATE membership SET department = '{new}' WHERE department = '{old}';
DELETE FROM department WHERE slug = '{old}';
"""


def zipped(folder: Path, **changes: bytes) -> bytes:
    """A bundle as a zip, with some files (by their last name, without suffix) replaced."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.writestr(str(path.relative_to(folder)), changes.get(path.name.partition(".")[0], path.read_bytes()))
    return kept.getvalue()


def send_bundle(administrator: Visitor, content: bytes) -> None:
    """Sends a zip from the page of procedures."""
    administrator.open("/admin/demarches")
    administrator.page.locator("#bundle").set_input_files(
        {"name": "paquet.zip", "mimeType": "application/zip", "buffer": content}
    )
    administrator.press("Vérifier ce paquet")


def editor_of(administrator: Visitor, path: str) -> None:
    """Opens an editor and waits until it has drawn."""
    administrator.open(path)
    administrator.page.locator("html[data-editor=ready]").wait_for()


def missing_words(administrator: Visitor) -> list[str]:
    """What the editors had no word for, so far."""
    return administrator.page.evaluate("[...window.parvisMissingWords]")


def test_a_bundle_with_errors_is_kept_from_citizens_and_its_errors_are_explained(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    diagram = (PROCESSES / "room_booking" / "room_booking.bpmn").read_bytes()
    broken = diagram.replace(b'formId="review"', b'formId="revue"')

    send_bundle(desktop, b"not a zip at all")
    desktop.see("Rien n’a changé pour les usagers")
    desktop.look("bundle-refused")
    send_bundle(desktop, zipped(PROCESSES / "room_booking", room_booking=broken))
    desktop.page.locator(".finding-error").first.wait_for()
    desktop.press("Publier")

    desktop.page.locator(".notice--danger").wait_for()
    desktop.look("workshop-findings")
    desktop.open("/admin/demarches/room_booking")
    desktop.see("En service")
    desktop.see_no("Retirée")


def test_a_task_renamed_in_the_diagram_is_in_service_once_published(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    desktop.open("/admin/demarches")
    desktop.look("procedures")
    # A step that no other story of this town goes through: they share its procedures.
    editor_of(desktop, "/admin/demarches/civil_status_certificate/atelier")

    desktop.page.evaluate(
        "() => { const modeler = window.parvisModeler;"
        " modeler.get('modeling').updateProperties("
        " modeler.get('elementRegistry').get('HandOver'), {name: 'Donner la copie'}); }"
    )
    desktop.page.locator("#editor-save").click()
    desktop.see("Enregistré")
    assert missing_words(desktop) == []
    desktop.press("Publier")

    desktop.see("Publiée")
    desktop.look("procedure-versions")
    desktop.see("Retirée")
    desktop.follow("Schéma en direct", exact=False)
    desktop.page.locator("html[data-editor=ready]").wait_for()
    desktop.page.get_by_text("Donner la copie").first.wait_for()


def test_rules_are_changed_and_the_next_request_follows_them(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    editor_of(desktop, "/admin/demarches/incident_report/atelier?fichier=routing.dmn")

    desktop.page.evaluate(
        "() => { const table = window.parvisRules.getActiveViewer();"
        " const cell = table.get('elementRegistry').get('routing_rule_7_out_2');"
        " table.get('modeling').editCell(cell.businessObject, '55'); }"
    )
    desktop.page.locator("#editor-save").click()
    desktop.see("Enregistré")
    assert missing_words(desktop) == []
    desktop.press("Publier")

    desktop.see("Publiée")


def test_the_live_diagram_counts_the_cases_at_each_step(phone: Visitor, desktop: Visitor) -> None:
    report_quickly(phone, email=None, address="1 rue du Schéma")
    desktop.sign_in("Claire Fontaine")
    desktop.open("/admin/demarches")

    desktop.page.locator("tr", has_text="Signaler un problème").get_by_role("link", name="Schéma en direct").click()

    desktop.page.locator("html[data-editor=ready]").wait_for()
    expect(desktop.page.locator(".djs-overlay").first).to_be_visible()
    canvas, drawing = (
        desktop.page.locator(f"#editor-canvas{inside}").bounding_box() for inside in ("", " svg >> nth=0")
    )
    assert canvas is not None and drawing is not None and drawing["height"] > canvas["height"] * 0.9
    desktop.look("live-diagram")
    desktop.page.locator("main table").get_by_role("link").first.click()
    desktop.see("1 rue du Schéma")
    desktop.look("waiting")


def test_a_blocked_case_goes_on_once_its_cause_is_mended(phone: Visitor, desktop: Visitor, town: ServedTown) -> None:
    town.run_sql(RENAMED.format(old="voirie", new="voirie-partie"))
    report_quickly(phone, email=None, address="2 rue du Blocage")
    desktop.sign_in("Claire Fontaine")
    desktop.open("/admin/blocages")
    desktop.wait_to_see("2 rue du Blocage")
    desktop.look("blocked")

    town.run_sql(RENAMED.format(old="voirie-partie", new="voirie"))
    desktop.page.locator("section", has_text="2 rue du Blocage").get_by_role("button").first.click()

    desktop.see("Encore bloqués : 0")
    phone.follow("Suivre ma demande")
    phone.see("Voirie")


def test_an_administrator_reads_the_mails_that_stopped_in_the_sink(
    phone: Visitor, desktop: Visitor, town: ServedTown
) -> None:
    report_quickly(phone, email="lecture@example.org", address="3 rue des Courriels")
    receipt = town.mail("lecture@example.org", "")
    desktop.sign_in("Claire Fontaine")

    desktop.open("/admin/courriels")
    desktop.look("mails")
    desktop.page.locator("tr", has_text="lecture@example.org").get_by_role("link").first.click()

    desktop.see(receipt.subject)
    desktop.look("mail")
