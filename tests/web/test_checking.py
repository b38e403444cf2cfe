"""Checking a document: by its code, by its file, on the page and from a terminal; nothing is said of its applicant."""

import re

from accounts import throttle
from engine.store.statements import run
from tests.connectors.test_document import an_order, text_of
from tests.server.test_command import ask, environment

__all__ = ["environment"]


async def test_anybody_with_the_paper_learns_whether_it_is_the_towns(browser, now, tmp_path):
    document, content = await an_order(now, tmp_path)
    code = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", text_of(content))[0]

    asked = await browser.open("/verifier")
    by_code = await browser.send("/verifier", {"code": code}, page="/verifier")
    by_file = await browser.send("/verifier", {}, page="/verifier", files={"file": ("a.pdf", content)})
    changed = await browser.send("/verifier", {"code": code}, page="/verifier", files={"file": ("a.pdf", b"%PDF")})
    unknown = await browser.send("/verifier", {}, page="/verifier", files={"file": ("a.pdf", b"%PDF")})
    made_up = await browser.send("/verifier", {"code": "abcd-efgh-ijkl-mnop"}, page="/verifier")
    empty = await browser.send("/verifier", {}, page="/verifier")

    assert asked.status_code == 200
    assert "Ce document est bien de la mairie" in by_code.text and document.number in by_code.text
    assert "exactement celui que la mairie a produit" in by_file.text
    assert "Ce fichier a été modifié" in changed.text
    assert [each.status_code for each in (unknown, made_up, empty)] == [404, 404, 422]
    assert not any("lodie" in each.text for each in (by_code, by_file)), "no word of the applicant"


async def test_a_register_that_was_altered_is_told(browser, now, tmp_path):
    document, content = await an_order(now, tmp_path)
    await run("UPDATE desk_document SET sha256 = $2 WHERE id = $1", document.id, "0" * 64)
    code = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", text_of(content))[0]

    shown = await browser.send("/verifier", {"code": code}, page="/verifier")

    assert "registre de la mairie a été altéré" in shown.text


async def test_who_guesses_is_slowed_down(browser, now):
    tries = [
        (await browser.send("/verifier", {"code": f"abcd-{number:04d}"}, page="/verifier")).status_code
        for number in range(throttle.TRACKING_ADDRESS.tries + 1)
    ]

    assert tries[-1] == 429


async def test_a_terminal_tells_the_same(environment, database, now, tmp_path):
    document, content = await an_order(now, tmp_path)
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(content)
    bad.write_bytes(content + b" ")

    well, said = await ask(environment, "documents", "check", str(good))
    ill, refused = await ask(environment, "documents", "check", str(good), str(bad))
    listed, register = await ask(environment, "documents", "register", "arrete", "--year", "2026")

    assert (well, ill, listed) == (0, 1, 0)
    assert f"{document.number}, Accord de réservation, issued on 2026-11-24, intact" in said
    assert "not issued by this town, or changed since" in refused
    assert "ARRETE-2026-0001  2026-11-24  Accord de réservation" in register
