"""Document: our layouts, values as data, nothing read from outside, limits that hold."""

import asyncio
import hashlib
import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from connectors.document import press
from connectors.document.connector import DocumentConnector, file_name
from connectors.document.content import Town, block_of, values_of
from connectors.document.press import layout_text, print_pdf
from connectors.errors import InputMissing, LayoutUnknown, LetterMissing, PressFailed
from connectors.letters import Letter
from desk import documents, registers, seals
from desk.files import FileStore
from engine.store.statements import run, value
from tests.connectors.postbox import a_job, letters
from tests.desk.builders import a_case

TOWN = Town(name="Saint-Martin-sur-Loire", address="1 place de la Mairie", phone="02 41 00 00 00", email="m@x.example")
SECRET = b"0" * 64
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
    return DocumentConnector(letters, FileStore(tmp_path), TOWN, secret=SECRET, public_url="https://mairie.example")


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


async def an_order(now, tmp_path, **told):
    """One numbered document; gives it with what its page says."""
    job = a_job("parvis:document", await a_case(now), input=INPUT | {"layout": "order"} | told)
    await connector(tmp_path).run(job, now)
    (document,) = await documents.of_case(job.case_id)
    return document, await documents.read(document, FileStore(tmp_path))


async def test_the_paper_bears_its_number_its_code_and_the_hash_of_what_it_says(database, now, tmp_path):
    document, content = await an_order(now, tmp_path)

    text = " ".join(text_of(content).split())
    assert document.number == "ARRETE-2026-0001" and document.number in text
    (code,) = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", text)
    proof = await seals.of_code(code, SECRET, file_sha256=hashlib.sha256(content).hexdigest())
    assert proof and (proof.number, proof.title) == (document.number, "Accord de réservation")
    assert (proof.intact, proof.same_file) == (True, True)
    assert proof.content_sha256 in text.replace(" ", "") and "mairie.example/verifier" in text


async def test_a_changed_file_an_altered_register_and_a_made_up_code_are_found_out(database, now, tmp_path):
    document, content = await an_order(now, tmp_path)
    code = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", text_of(content))[0]

    changed = await seals.of_code(code.upper(), SECRET, file_sha256=hashlib.sha256(content + b" ").hexdigest())
    unknown = [await seals.of_file("0" * 64, SECRET), await seals.of_code("abcd-efgh-ijkl-mnop", SECRET)]
    await run("UPDATE desk_document SET title = 'Refus' WHERE id = $1", document.id)
    altered = await seals.of_file(document.sha256, SECRET)

    assert changed and changed.intact and changed.same_file is False
    assert unknown == [None, None]
    assert altered and not altered.intact


async def test_numbers_follow_each_other_by_kind_and_year_in_the_towns_time(database, now, tmp_path):
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    written = [
        (await an_order(moment, tmp_path, **told))[0].number
        for moment, told in (
            *((now, {}), (now, {"layout": "letter"}), (now, {}), (now, {"register": "deliberation"})),
            (new_year, {}),
        )
    ]

    assert written == [
        *("ARRETE-2026-0001", "COURRIER-2026-0001", "ARRETE-2026-0002", "DELIBERATION-2026-0001"),
        "ARRETE-2027-0001",
    ]


async def test_a_retry_after_a_failure_leaves_no_hole(database, now, tmp_path, monkeypatch):
    job = a_job("parvis:document", await a_case(now), input=INPUT | {"layout": "order"})
    with monkeypatch.context() as broken:
        broken.setattr("connectors.document.connector.print_pdf", failing)
        for _ in range(3):
            with pytest.raises(PressFailed):
                await connector(tmp_path).run(job, now)

    await asyncio.gather(*(connector(tmp_path).run(job, now) for _ in range(3)))
    other, _ = await an_order(now, tmp_path)

    assert [each.number for each in await documents.of_case(job.case_id)] == ["ARRETE-2026-0001"]
    assert other.number == "ARRETE-2026-0002"


async def failing(*_):
    raise PressFailed


async def test_a_letter_that_cannot_be_written_uses_no_number(database, now, tmp_path):
    job = a_job("parvis:document", await a_case(now), input=INPUT | {"letter": "nowhere"})

    with pytest.raises(LetterMissing):
        await connector(tmp_path).run(job, now)

    assert await value("SELECT count(*) FROM desk_number") == 0


async def test_a_hundred_jobs_at_once_have_a_hundred_numbers_without_hole(database, now):
    case = await a_case(now)

    taken = await asyncio.gather(*(registers.take("arrete", f"job-{number % 100}", case, now) for number in range(200)))

    assert sorted({each.number for each in taken}) == list(range(1, 101))
    assert [each.number.number for each in await registers.entries("arrete", 2026)] == list(range(1, 101))


async def test_a_register_keeps_the_number_of_a_case_that_is_gone(database, now, tmp_path):
    document, _ = await an_order(now, tmp_path)

    await run("DELETE FROM engine_case WHERE id = $1", document.case_id)

    (entry,) = await registers.entries("arrete", 2026)
    assert (entry.number.written, entry.case_id) == ("ARRETE-2026-0001", None)


@pytest.mark.parametrize("register", ["Arrêté", "../x", "a" * 31])
async def test_a_register_has_a_plain_name(database, now, tmp_path, register):
    with pytest.raises(InputMissing, match="small letters"):
        await an_order(now, tmp_path, register=register)


async def test_a_numbered_paper_is_kept_as_pdf_a_and_read_aloud(database, now, tmp_path):
    _, content = await an_order(now, tmp_path)

    metadata = PdfReader(io.BytesIO(content)).xmp_metadata
    assert metadata
    raw = metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in raw and "<pdfaid:conformance>A</pdfaid:conformance>" in raw
    assert "<pdfuaid:part>1</pdfuaid:part>" in raw
