"""A form posted twenty times at once, by an impatient finger or a faulty network: one case, one receipt."""

import asyncio

from engine.store.statements import value
from tests.bad_input.visitors import a_report_procedure, begun
from tests.web.conftest import hidden_fields


async def test_twenty_posts_at_once_are_one_case_and_the_same_receipt(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    review = await begun(citizen)
    path, fields = review.url.path.replace("verifier", "envoyer"), hidden_fields(review.text)

    posted = [citizen.client.post(path, data=fields, follow_redirects=True) for _ in range(20)]
    receipts = await asyncio.gather(*posted)

    assert {receipt.status_code for receipt in receipts} == {200}
    assert len({receipt.text.split('code--large">')[1].split("<")[0] for receipt in receipts}) == 1
    assert await value("SELECT count(*) FROM engine_case") == 1
    assert await value("SELECT count(*) FROM desk_notification WHERE kind = 'receipt'") == 1


async def test_the_page_of_a_filed_request_leads_to_its_receipt(visitors, now):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    review = await begun(citizen)
    fields = hidden_fields(review.text)
    await citizen.client.post(review.url.path.replace("verifier", "envoyer"), data=fields)

    again = await citizen.client.post(review.url.path.replace("verifier", "etape/le-lieu"), data=fields)

    assert again.headers["location"].endswith("/recu")
