"""What no browser sends: each is answered calmly, none is an error of the town."""

import pytest

from tests.web.test_apply import begin, town

__all__ = ["town"]


@pytest.mark.parametrize("path", ["/?q=%00", "/suivi/%00", "/enquete/a%00b", "/demarches/%00", "/suivi?code=%00"])
async def test_a_nul_in_an_address_is_unreadable(browser, database, path):
    assert (await browser.open(path)).status_code in (400, 404)


@pytest.mark.parametrize("fields", [{"code": "A\x00", "email": ""}, {"code": "\ud7ff" * 9, "email": "é" * 5000}])
async def test_strange_characters_in_a_form_are_answered_calmly(browser, database, fields):
    assert (await browser.send("/suivi", fields, page="/suivi")).status_code in (400, 422)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"email=%ff%fe&csrf=%zz"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(20_000))),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data", b"no boundary"),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"csrf=1"),
        ("", b"x"),
    ],
)
async def test_a_body_that_is_no_form_is_refused(browser, database, kind, body):
    answer = await browser.client.post("/connexion", content=body, headers={"content-type": kind})

    assert answer.status_code in (400, 403, 413, 415)
    assert "text/html" in answer.headers["content-type"]


async def test_a_form_larger_than_what_may_be_posted_is_refused(browser, database):
    answer = await browser.client.post(
        "/connexion", content=b"x" * 27_000_000, headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("page_id", ["absente", "le-probleme%2f..", "x" * 500])
async def test_a_page_a_form_does_not_have_is_not_found(browser, town, page_id):
    first = await begin(browser)

    answer = await browser.open(first.url.path.rsplit("/", 1)[0] + f"/{page_id}")

    assert answer.status_code == 404


async def test_what_people_type_is_never_markup(browser, town):
    answer = await browser.open("/?q=<script>alert(1)</script>")

    assert "<script>alert" not in answer.text
