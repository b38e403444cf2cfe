"""An administrator connects another system, sees what it is told, and reads the reference of the interfaces."""

import pytest

from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-api")]

WEBHOOK = """INSERT INTO api_webhook (id, client_id, url, events, position, state, failures, reason, due_at, claim,
    created_at) SELECT gen_random_uuid(), id, 'https://portail.agglomeration.example/parvis/evenements',
    ARRAY['case.filed', 'case.answered', 'case.closed'], 0, 'failing', 15, 'HTTP 503', now(), 1, now()
    FROM api_client WHERE name = 'Portail de l’agglomération'"""
DELIVERY = """INSERT INTO api_delivery (webhook_id, event_id, event, attempt, delivered, status, reason, at)
    SELECT id, 80, 'case.filed', 15, FALSE, 503, 'HTTP 503', now() FROM api_webhook"""


def test_another_system_is_connected_and_its_notices_are_resumed(
    phone: Visitor, desktop: Visitor, town: ServedTown
) -> None:
    for who in (desktop, phone):
        who.sign_in("Claire Fontaine")
    desktop.open("/admin/api")
    desktop.look("api-clients-empty")

    desktop.write("Nom", "Portail de l’agglomération")
    desktop.choose("Recevoir les événements")
    desktop.press("Créer le client")
    desktop.see("Copiez le secret")
    desktop.look("api-client-made")
    town.run_sql(WEBHOOK)
    town.run_sql(DELIVERY)
    for who in (desktop, phone):
        who.open("/admin/api")
        who.look("api-clients")
        who.open("/admin/api/avis")
        who.see("Arrêté après des échecs")
        who.look("api-notices")
    # A long page: looked at where it is hardest to hold.
    phone.open("/api/reference")
    phone.look("api-reference")

    phone.open("/admin/api/avis")
    phone.follow("https://portail.agglomeration.example/parvis/evenements")
    phone.look("api-notice-stopped")
    phone.press("Reprendre les avis")
    phone.see("Suspendre les avis")
    phone.look("api-notice-resumed")
    town.run_sql("DELETE FROM api_client")
