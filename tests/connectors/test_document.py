"""Document: our layouts, values as data, nothing read from outside, limits that hold."""

import io

import pytest
from pypdf import PdfReader

from connectors.document import press
from connectors.document.connector import DocumentConnector, file_name
from connectors.document.content import Town, block_of, values_of
from connectors.document.press import layout_text, print_pdf
from connectors.errors import LayoutUnknown, PressFailed
from connectors.letters import Letter
from desk import documents
from desk.files import FileStore
from tests.connectors.postbox import a_job, letters
from tests.desk.builders import a_case

TOWN = Town(name="Saint-Martin-sur-Loire", address="1 place de la Mairie", phone="02 41 00 00 00", email="m@x.example")
INPUT = {
    "layout": "letter",
    "letter": "answer",
    "title": "Accord de réservation",
    "values": {"answers": {"name": "#panic() *x*"}},
}


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def values(now, *paragraphs: str):
    letter = Letter(subject="Objet d’essai", paragraphs=paragraphs or ("Bonjour",), language="fr")
    told = {"title": "Essai", "case": {"reference": "2026-1"}, "department": "Voirie", "recipient": "Élodie\n1 rue X"}
    return values_of(letter, town=TOWN, now=now, **told)


def connector(tmp_path) -> DocumentConnector:
    return DocumentConnector(letters, FileStore(tmp_path), TOWN)


async def test_a_letter_is_laid_out_and_added_to_the_case(database, now, tmp_path):
    job = a_job("parvis:document", await a_case(now), input=INPUT)

    outcome = await connector(tmp_path).run(job, now)

    (document,) = await documents.of_case(job.case_id, public_only=True)
    text = text_of(await documents.read(document, FileStore(tmp_path)))
    assert outcome.variables["document"]["name"] == document.name == "accord-de-reservation-2026-000123.pdf"
    assert "Bonjour #panic() *x*" in text and "Dossier 2026-000123" in text and "Élodie" in text


async def test_a_repeated_job_issues_one_document(database, now, tmp_path):
    job = a_job("parvis:document", await a_case(now), input=INPUT)

    first, again = [await connector(tmp_path).run(job, now) for _ in range(2)]

    assert first == again
    assert len(await documents.of_case(job.case_id)) == 1


async def test_a_document_may_be_for_agents_only(database, now, tmp_path):
    job = a_job("parvis:document", await a_case(now), input=INPUT | {"public": False})

    await connector(tmp_path).run(job, now)

    assert await documents.of_case(job.case_id, public_only=True) == ()


@pytest.mark.parametrize("layout", ["letter", "slip", "order"])
async def test_every_layout_is_an_accessible_pdf_with_title_and_language(now, layout):
    content = await print_pdf(
        layout_text(layout), values(now, "Vu la loi ;", "Article 1er : oui.", "A : 1\nB : 2"), now
    )

    pdf = PdfReader(io.BytesIO(content))
    assert pdf.metadata and pdf.metadata.title == "Essai"
    assert pdf.trailer["/Root"]["/Lang"] == "fr"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize("layout", ["unknown", "town", "../letter", ""])
def test_only_our_layouts_exist(layout):
    with pytest.raises(LayoutUnknown):
        layout_text(layout)


@pytest.mark.parametrize(
    "layout",
    [
        '#read("/etc/passwd")',
        '#read("../../etc/passwd")',
        '#import "@preview/cetz:0.3.4"',
        "#let f(n) = f(n + 1)\n#f(0)",
    ],
)
async def test_the_press_reads_no_file_fetches_nothing_and_stops(now, layout):
    with pytest.raises(PressFailed):
        await print_pdf(layout, values(now), now)


async def test_a_document_that_takes_too_long_is_given_up(now, monkeypatch):
    monkeypatch.setattr(press, "PATIENCE", 1.0)

    with pytest.raises(PressFailed):
        await print_pdf('#let a = "x" * 1000000000\n#a', values(now), now)


def test_paragraphs_are_recognised_for_what_they_are():
    assert block_of("Tarif : 30 €\nSalle : X") == {"kind": "pairs", "rows": [["Tarif", "30 €"], ["Salle", "X"]]}
    assert block_of("Vous pouvez :\n- ceci ;\n- cela.")["items"] == ["ceci ;", "cela."]
    assert block_of("Vu le code ;")["kind"] == "recital"
    assert block_of("Article 2 : La redevance est due.")["name"] == "Article 2"
    assert block_of("Bonjour,")["kind"] == "words"


def test_file_names_are_plain():
    assert file_name("Arrêté n° 12/ÉTÉ", "2026-1") == "arrete-n-12-ete-2026-1.pdf"
