"""An administrator sets up a connection, tests it, sees it break in plain words, mends it, and tries all again.

Then rehearses a step, and brings a connector without code."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.browser.reports import report_quickly
from tests.browser.served import ROOT, ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-connections")]

RECIPE = ROOT / "examples" / "connector-without-code" / "associations.json"


class Postmaster:
    """A mail server of the region that changes its mind about who may write."""

    def __init__(self) -> None:
        self.refuses, self.received = False, list[bytes]()

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuses:
            return "553 5.7.1 Sender not owned by this account"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(envelope.content)
        return "250 OK"


@contextmanager
def open_postmaster() -> Iterator[tuple[Postmaster, int]]:
    """The server, on a port of its own."""
    postmaster = Postmaster()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(postmaster, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postmaster, port
    finally:
        controller.stop()


def report_danger(citizen: Visitor, address: str) -> None:
    """A dangerous report: the department is told by mail at once."""
    report_quickly(citizen, email=None, address=address, danger=True)


def test_a_connection_is_set_up_tested_broken_mended_and_all_is_tried_again(
    phone: Visitor, desktop: Visitor, town: ServedTown
) -> None:
    desktop.sign_in("Claire Fontaine")
    with open_postmaster() as (postmaster, port):
        try:
            set_up(desktop, port)
            break_it(phone, desktop, town, postmaster)
            mend_it(desktop, town, postmaster)
        finally:
            town.run_sql("DELETE FROM connectors_connection")


def set_up(desktop: Visitor, port: int) -> None:
    desktop.open("/admin/connexions")
    desktop.look("connections-empty")
    desktop.follow("Courriel")
    desktop.look("connection-new")
    desktop.write("Nom à l’écran", "Messagerie de la région")
    desktop.write("Serveur", "127.0.0.1")
    desktop.write("Port", "cinq")
    desktop.press("Enregistrer la connexion")
    desktop.see("Écrivez un nombre")
    desktop.look("connection-wrong")
    desktop.write("Port", str(port))
    desktop.field("Chiffrement").select_option("none")
    desktop.write("Expéditeur", "mairie@town.example")
    desktop.write("Mot de passe", "")
    desktop.press("Enregistrer la connexion")
    desktop.see("La connexion est enregistrée")
    desktop.press("Tester la connexion")
    desktop.see("Le serveur de messagerie accepte notre compte et notre expéditeur.")
    desktop.look("connection-tested")


def break_it(phone: Visitor, desktop: Visitor, town: ServedTown, postmaster: Postmaster) -> None:
    postmaster.refuses = True
    for number in (1, 2):
        report_danger(phone, f"{number} rue de la Panne")
    desktop.open("/admin/blocages")
    for _ in range(3):
        town.live_on(minutes=6)
        desktop.page.wait_for_timeout(1_500)
    desktop.wait_to_see("2 rue de la Panne")
    desktop.see("Le serveur de messagerie refuse l’expéditeur.", "Connexions en panne")
    desktop.look("blocked-by-a-connection")
    desktop.follow("2 rue de la Panne", exact=False)
    desktop.see("Ce dossier ne peut plus avancer seul depuis", "Le serveur de messagerie refuse l’expéditeur.")
    desktop.look("case-blocked-by-a-connection")


def mend_it(desktop: Visitor, town: ServedTown, postmaster: Postmaster) -> None:
    desktop.open("/admin/blocages")
    desktop.follow("Réparer cette connexion")
    desktop.see("Elle est en panne depuis")
    desktop.press("Tester la connexion")
    desktop.see("Le test a échoué", "refuse l’expéditeur")
    desktop.look("connection-failing")
    postmaster.refuses = False
    desktop.press("Tester la connexion")
    desktop.see("Le test a réussi")
    desktop.open("/admin/blocages")
    desktop.press("Réessayer tous les dossiers de cette cause")
    desktop.see("Encore bloqués : 0")
    give_up = 100
    while len(postmaster.received) < 2 and give_up:
        desktop.page.wait_for_timeout(200)
        give_up -= 1
    assert len([each for each in postmaster.received if b"multipart" in each]) == 2
    desktop.open("/admin/connexions")
    desktop.see("Messagerie de la région", "En état de marche")
    desktop.look("connections")


def test_a_step_is_rehearsed_and_nothing_leaves(desktop: Visitor) -> None:
    desktop.sign_in("Claire Fontaine")
    desktop.open("/admin/connecteurs")
    desktop.look("connectors")
    desktop.page.locator("tr", has_text="parvis:agenda").get_by_role("link").first.click()
    desktop.write("Créneau", "n’importe quoi")
    desktop.press("Montrer ce qui serait fait")
    desktop.see("L’étape ne pourrait pas faire son travail")
    desktop.open("/admin/connecteurs/parvis:survey/essai")
    desktop.press("Montrer ce qui serait fait")
    desktop.see("Ce qui serait fait", "camille@example.org")
    desktop.look("rehearsal")


def test_a_connector_without_code_is_taken_or_refused_with_the_reason(desktop: Visitor, town: ServedTown) -> None:
    desktop.sign_in("Claire Fontaine")
    desktop.open("/admin/connecteurs")
    file = {"name": "associations.json", "mimeType": "application/json", "buffer": b"{}"}
    desktop.page.locator("#template").set_input_files(file)  # type: ignore[arg-type]
    desktop.press("Vérifier et garder")
    desktop.see("Ce n’est pas un modèle d’élément")
    desktop.page.locator("#template").set_input_files(RECIPE)
    desktop.press("Vérifier et garder")
    desktop.see("Le connecteur est en service", "Registre des associations")
    desktop.open("/admin/connexions/nouvelle?genre=town.associations")
    desktop.see("Adresse du registre")
    town.run_sql("DELETE FROM connectors_template")


CONNECTION = """INSERT INTO connectors_connection (slug, kind, title, given, secrets, key_id, hosts, concurrency,
    per_minute, active, tested_said, changed_at, changed_by_name) VALUES (
    'culture', 'parvis.mail', 'Courriel de la culture', '{}', '', '', '{}', 8, 600, true, '', now(), 'Claire')"""


def test_a_step_chooses_its_connection_in_a_list(desktop: Visitor, town: ServedTown) -> None:
    town.run_sql(CONNECTION)
    try:
        desktop.sign_in("Claire Fontaine")
        desktop.open("/admin/demarches/room_booking/atelier")
        page = desktop.page
        page.locator("html[data-editor=ready]").wait_for()
        page.locator('g.djs-element[data-element-id="WriteGranted"] .djs-hit').first.dispatch_event("click")
        entries = page.locator(".bio-properties-panel-entry")
        chosen = entries.filter(has=page.get_by_text("Connexion", exact=True)).locator("select")
        chosen.wait_for(state="attached")
        options = [each.strip() for each in chosen.locator("option").all_text_contents()]
        desktop.look("editor-connection")
    finally:
        town.run_sql("DELETE FROM connectors_connection")

    assert options == ["", "Courriel de la culture"]


SCREENS = (
    *("/admin/connexions", "/admin/connexions/nouvelle", "/admin/connexions/nouvelle?genre=parvis.http"),
    *("/admin/connecteurs", "/admin/connecteurs/parvis:agenda/essai", "/admin/blocages", "/admin/absences"),
    *("/admin/salles", "/admin/salles/salle-des-fetes"),
    *("/admin/chiffres/avis", "/verifier"),
)


def test_the_screens_of_connectors_hold_on_a_telephone(meet) -> None:
    visitor = meet("claire", viewport={"width": 320, "height": 800})
    visitor.sign_in("Claire Fontaine")

    for path in SCREENS:
        visitor.open(path)
        visitor.look(f"phone-{path.strip('/').replace('/', '-').replace('?', '-').replace(':', '-')}")
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
