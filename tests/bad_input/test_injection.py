"""What people type stays text: in mails, in spreadsheets, in pages."""

import csv
import io
import json
from datetime import timedelta

import pytest

from connectors.mail.notices import NoticePost
from desk.notifications import deliver_waiting
from engine import deployments
from engine.errors import ManifestInvalid
from engine.manifest import read_manifest
from engine.store.statements import value
from tests.bad_input.visitors import a_report_procedure, a_task_to_answer, begun
from tests.connectors.postbox import MailServer, body_of
from tests.engine.bundles import a_manifest
from tests.web.conftest import hidden_fields

LINES = "Marie\r\nBcc: tout-le-monde@evil.example\r\n\r\nBonjour"
FORMULA = '=HYPERLINK("https://evil.example";"Cliquez")'


ADDRESSES = ("a@b.example\r\nBcc: c@evil.example", "a@b.example, c@evil.example", "<a@b.example>")


async def test_an_address_that_would_add_a_recipient_is_refused_beside_its_question(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()

    pages = [await begun(citizen, **{"/email": address}) for address in ADDRESSES]

    assert [page.status_code for page in pages] == [422, 422, 422]
    assert all('href="#f-email"' in page.text for page in pages)


async def test_lines_in_a_name_add_no_header_to_the_receipt(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    review = await begun(citizen, **{"/name": LINES, "/description": LINES})
    await citizen.client.post(review.url.path.replace("verifier", "envoyer"), data=hidden_fields(review.text))

    async with MailServer() as server:
        await deliver_waiting(NoticePost(server.post(), "https://mairie.example", "Ville"), now + timedelta(minutes=1))

    (message,) = server.received
    assert message["Bcc"] is None
    assert message["To"] == "marie@courriel.example"
    assert "bien reçu" in body_of(message)


async def test_what_a_citizen_wrote_is_text_on_the_agent_s_screen(visitors, now):
    case, _ = await a_task_to_answer(now)
    ana = await visitors.agent("<img src=x onerror=alert(1)>", "voirie")
    fields = hidden_fields((await ana.open(f"/agent/dossiers/{case.case_id}")).text)
    words = '<script>alert(1)</script>{{ 7 * 7 }}<img src=x onerror="x"> javascript:alert(1)'

    await ana.client.post(f"/agent/dossiers/{case.case_id}/echanges", data={**fields, "words": words})
    shown = await ana.open(f"/agent/dossiers/{case.case_id}")

    assert "<script>alert(1)" not in shown.text and "<img src=x" not in shown.text
    assert "{{ 7 * 7 }}" in shown.text
    assert 'href="javascript:' not in shown.text


async def test_no_cell_of_an_export_is_a_formula(visitors, now, clock):
    await a_task_to_answer(now)
    administrator = await visitors.administrator()
    manifest = json.dumps(a_manifest() | {"title": {"fr": FORMULA, "en": FORMULA}})
    await value("UPDATE engine_deployment SET manifest = $1::text::jsonb RETURNING 1", manifest)

    clock.now += timedelta(minutes=30)
    sheet = (await administrator.open("/admin/chiffres.csv")).text

    cells = [cell for line in csv.reader(io.StringIO(sheet.lstrip("\ufeff")), delimiter=";") for cell in line]
    assert (await deployments.active("petition")).manifest.title.fr == FORMULA
    assert "petition" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.mark.parametrize("slug", ["=1+1", "+x", "-x", "@x", "a;b", "a\tb", '"a', "../x", "a\nb"])
def test_no_procedure_has_a_name_that_a_spreadsheet_would_run(slug):
    with pytest.raises(ManifestInvalid, match="slug"):
        read_manifest(json.dumps(a_manifest() | {"slug": slug}).encode())
