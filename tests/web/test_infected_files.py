"""A file in which the antivirus finds something after it was sent: the person is told before sending, and mends it."""

import re

import pytest

from desk import attachments, filing
from desk.drafts import Owner
from desk.errors import DraftInfected
from engine.actor import Actor
from engine.store.statements import run, value
from tests.web.conftest import hidden_fields, walk
from tests.web.test_apply import ANSWERS, begin, send, town

__all__ = ["town"]

# The smallest PNG: one grey point.
POINT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


async def a_review_with_a_photograph(browser):
    """The review page of a report with one photograph."""
    page = await walk(browser, await begin(browser), ANSWERS, until="photos")
    files = {"/photos#file": ("trou.png", POINT, "image/png")}
    after = await browser.client.post(
        page.url.path, data={**hidden_fields(page.text), "do": "continue"}, files=files, follow_redirects=True
    )
    return await walk(browser, after, ANSWERS)


async def found_infected() -> None:
    """What the scanner does when it finds a virus (see `desk.scanning`)."""
    await run("UPDATE desk_attachment SET scan = 'infected'")


async def test_a_draft_that_names_an_infected_file_is_not_filed_and_the_person_is_told_where_to_mend_it(browser, town):
    review = await a_review_with_a_photograph(browser)
    await found_infected()

    sent = await send(browser, review)
    seen_again = await browser.open(review.url.path)

    assert sent.status_code == 422
    assert await value("SELECT count(*) FROM engine_case") == 0
    for page in (sent, seen_again):
        summary = re.search(r'class="error-summary".*?</div>', page.text, re.S)
        assert summary is not None
        assert "« trou.png » contenait un virus" in summary[0]
        assert re.search(r'href="/demandes/[^"]+/etape/[^"/]*photos[^"/]*\?retour=1#f-photos"', summary[0])


async def test_the_page_of_the_file_says_it_too_and_another_one_can_be_sent(browser, town):
    review = await a_review_with_a_photograph(browser)
    await found_infected()
    told_first = (await browser.open(review.url.path)).text
    path = re.findall(r'href="(/demandes/[^"#]+)#f-photos"', told_first)[0]
    shown = await browser.open(path)
    kept = re.findall(r'name="/photos#id" value="([^"]+)"', shown.text)
    fields = {**hidden_fields(shown.text), "do": "continue"}

    told = await browser.client.post(path, data={**fields, "/photos#id": kept}, follow_redirects=True)
    mended = await browser.client.post(path, data={**fields, "/photos#id": ""}, follow_redirects=True)

    assert told.status_code == 422
    assert "« trou.png » contenait un virus" in told.text
    assert "error-summary" not in mended.text
    assert (await send(browser, mended)).url.path.endswith("/recu")


async def test_a_verdict_that_comes_at_the_last_moment_stops_the_filing_itself(browser, town, now):
    review = await a_review_with_a_photograph(browser)
    await found_infected()
    draft_id = await value("SELECT id FROM desk_draft")
    await run("UPDATE desk_draft SET person_id = $1", draft_id)

    with pytest.raises(DraftInfected):
        await filing.file(draft_id, Owner(person=draft_id), by=Actor(kind="citizen", name="Marie"), now=now)

    assert review.status_code == 200
    assert await attachments.infected(draft_id, {}) == ()
