"""Attachments that are too large, disguised, dangerous or badly named: said beside the question, the page is kept."""

import io

from PIL import Image

from engine.store.statements import rows, value
from tests.bad_input.visitors import a_report_procedure, begun
from tests.web.conftest import hidden_fields

PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Page>>\nendobj\nxref\ntrailer\n<< >>\nstartxref\n40\n%%EOF\n"


def a_photograph(**options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(drawn, "JPEG", **options)
    return drawn.getvalue()


def a_huge_picture() -> bytes:
    """A hundred kilobytes that would fill 900 million pixels."""
    drawn = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(drawn, "PNG")
    return drawn.getvalue()


REFUSED = {
    "page.jpg": b"<html><script>alert(1)</script></html>",
    "dessin.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "programme.jpg.exe": b"MZ" + bytes(100),
    "photo.jpg": PDF,
    "vide.jpg": b"",
    "coupee.jpg": a_photograph()[:200],
    "immense.png": a_huge_picture(),
    "lourde.jpg": a_photograph() + bytes(10_000_001),
    "../../etc/passwd": b"root:x:0:0",
}


async def photographs_page(browser):
    """The page that asks for photographs, and its form."""
    page = await begun(browser, until="photos")
    return page, {**hidden_fields(page.text), "do": "continue"}


async def test_every_refused_file_is_named_beside_its_question_and_the_page_stays(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    page, fields = await photographs_page(citizen)

    answers = {
        name: await citizen.client.post(
            page.url.path, data=fields, files={"/photos#file": (name, content, "image/jpeg")}
        )
        for name, content in REFUSED.items()
    }

    assert {name for name, answer in answers.items() if answer.status_code != 422} == set()
    assert {name for name, answer in answers.items() if 'href="#f-photos"' not in answer.text} == set()
    assert await value("SELECT count(*) FROM desk_attachment") == 0


async def test_a_refused_file_takes_no_other_file_and_no_answer_with_it(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    page, fields = await photographs_page(citizen)
    files = [
        ("/photos#file", ("trou.jpg", a_photograph(), "image/jpeg")),
        ("/photos#file", ("page.jpg", REFUSED["page.jpg"], "image/jpeg")),
    ]

    refused = await citizen.client.post(page.url.path, data=fields, files=files)
    draft = await value("SELECT answers::text FROM desk_draft")

    assert refused.status_code == 422
    assert "trou.jpg" in refused.text and "page.jpg" in refused.text
    assert "12 rue des Tanneurs" in draft and "trou.jpg" in draft


async def test_more_than_the_town_receives_says_so_and_the_draft_is_intact(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    page, fields = await photographs_page(citizen)

    answer = await citizen.client.post(
        page.url.path, data=fields, files={"/photos#file": ("film.jpg", bytes(26 * 1024 * 1024), "image/jpeg")}
    )

    assert answer.status_code == 413
    assert "10 Mo" in answer.text
    assert "12 rue des Tanneurs" in (await citizen.open(page.url.path.split("/etape")[0] + "/etape/le-lieu")).text


async def test_a_name_that_would_add_a_header_is_a_plain_name_when_the_file_comes_back(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    page, fields = await photographs_page(citizen)
    name = 'a";\r\nX-Evil: 1\r\n\u202egpj.trou.jpg'
    await citizen.client.post(page.url.path, data=fields, files={"/photos#file": (name, a_photograph(), "image/jpeg")})
    (kept,) = await rows("SELECT id, draft_id, name FROM desk_attachment")

    back = await citizen.open(f"/demandes/{kept['draft_id']}/fichiers/{kept['id']}")

    assert back.status_code == 200
    assert "x-evil" not in back.headers
    assert not set(kept["name"]) & set("\r\n\u202e")
    assert "sandbox" in back.headers["content-security-policy"]
