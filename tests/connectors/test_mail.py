"""Mail, survey and notify, against a real SMTP server: sent once, refused in plain words, never lost."""

import asyncio
from datetime import timedelta

import pytest

from connectors.errors import LetterMissing, MailServerRefused, MailServerUnreachable
from connectors.letters import Letter
from connectors.mail.connector import MailConnector
from connectors.mail.notices import NoticePost
from connectors.mail.post import Post, Smtp
from connectors.notify.connector import NotifyConnector
from connectors.survey.connector import SurveyConnector
from desk import bookings, documents, notifications, surveys
from desk.files import FileStore
from engine.connector import BusinessError, TryLater
from tests.connectors.postbox import MailServer, a_job, body_of, letters
from tests.desk.builders import a_case, a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_exchanges import AGENT, exchanges
from tests.desk.test_files import PDF

INPUT = {
    "letter": "answer",
    "to": "elodie@example.org",
    "values": {"answers": {"name": "Élodie"}, "deadline": "2026-12-12"},
}


def mail(server: MailServer, tmp_path, **told) -> MailConnector:
    return MailConnector(server.post(**told), letters, FileStore(tmp_path))


async def test_a_letter_leaves_as_text_and_html_under_the_job_s_id(database, now, tmp_path):
    job = a_job("parvis:mail", await a_case(now), input=INPUT)

    async with MailServer() as server:
        outcome = await mail(server, tmp_path).run(job, now)

    (message,) = server.received
    page = message.get_body(("html",))
    assert outcome.variables == {"sent": True}
    assert message["Message-ID"] == f"<{job.id}@town.example>"
    assert message["From"] == "Saint-Martin-sur-Loire <mairie@town.example>"
    assert message["Subject"] == "Dossier 2026-000123"
    assert "Le samedi 12 décembre 2026." in body_of(message)
    assert page and '<a href="https://mairie.example/suivi">' in page.get_content()


async def test_a_long_french_subject_arrives_with_its_blanks(now):
    subject = "Votre demande 2026-000002 : cette copie ne peut pas vous être délivrée"
    letter = Letter(subject=subject, paragraphs=("Bonjour,",), language="fr")

    async with MailServer() as server:
        await server.post().send(letter, "elodie@example.org", key="1", now=now)

    assert server.received[0]["Subject"] == subject


async def test_a_repeated_job_sends_nothing_again(database, now, tmp_path):
    job = a_job("parvis:mail", await a_case(now), input=INPUT)

    async with MailServer() as server:
        outcomes = [await mail(server, tmp_path).run(job, now) for _ in range(2)]

    assert len(server.received) == 1
    assert outcomes[0] == outcomes[1]


async def test_what_is_written_to_the_applicant_stays_with_the_case_once(database, now, tmp_path):
    case_id = await a_case(now)
    job = a_job("parvis:mail", case_id, input=INPUT, case={"applicant": {"email": "elodie@example.org"}})

    async with MailServer() as server:
        for _ in range(2):
            await mail(server, tmp_path).run(job, now)

    (kept,) = await exchanges.of_case(case_id)
    assert (kept.side, kept.author) == ("town", "Saint-Martin-sur-Loire")
    assert "Le samedi 12 décembre 2026." in kept.words
    assert await exchanges.unread([case_id], reader="applicant") == {}


async def test_a_letter_to_somebody_else_is_not_shown_to_the_applicant(database, now, tmp_path):
    case_id = await a_case(now)
    job = a_job("parvis:mail", case_id, input=INPUT, case={"applicant": {"email": "other@example.org"}})

    async with MailServer() as server:
        await mail(server, tmp_path).run(job, now)

    assert await exchanges.of_case(case_id) == ()


async def test_what_a_citizen_typed_neither_adds_a_header_nor_html(database, now, tmp_path):
    case = {"reference": "x\r\nBcc: all@example.org"}
    values = {"answers": {"name": "<script>alert(1)</script>"}}
    job = a_job("parvis:mail", await a_case(now), input=INPUT | {"values": values}, case=case)

    async with MailServer() as server:
        await mail(server, tmp_path).run(job, now)

    (message,) = server.received
    page = message.get_body(("html",))
    assert message["Bcc"] is None
    assert page and "<script>" not in page.get_content()


async def test_without_an_address_nothing_leaves_and_the_journal_says_so(database, now, tmp_path):
    job = a_job("parvis:mail", await a_case(now), input=INPUT | {"to": None})

    async with MailServer() as server:
        outcome = await mail(server, tmp_path).run(job, now)

    assert server.received == []
    assert outcome.facts[0][0].startswith("No message was sent")


@pytest.mark.parametrize("to", ["elodie@example.org", "pas une adresse", "a@b\r\nBcc: c@d"])
async def test_a_refused_address_is_a_business_error(database, now, tmp_path, to):
    job = a_job("parvis:mail", await a_case(now), input=INPUT | {"to": to})

    async with MailServer("550 no such user") as server:
        with pytest.raises(BusinessError) as refusal:
            await mail(server, tmp_path).run(job, now)

    assert refusal.value.code == "MAIL_REFUSED"
    assert "@" not in refusal.value.message


async def test_a_server_that_asks_to_come_back_later_is_obeyed_for_a_while(database, now, tmp_path):
    case = await a_case(now)

    async with MailServer("451 greylisted") as server:
        with pytest.raises(TryLater):
            await mail(server, tmp_path).run(a_job("parvis:mail", case, input=INPUT), now)
        with pytest.raises(MailServerRefused):
            await mail(server, tmp_path).run(a_job("parvis:mail", case, input=INPUT, attempt=30), now)


async def test_a_dead_a_cut_and_a_silent_server_are_failures_and_the_next_try_succeeds(database, now, tmp_path):
    job = a_job("parvis:mail", await a_case(now), input=INPUT)
    dead = Post(Smtp(host="127.0.0.1", port=9, timeout=2), "Town")

    with pytest.raises(MailServerUnreachable):
        await MailConnector(dead, letters, FileStore(tmp_path)).run(job, now)
    async with MailServer(cut=True) as server:
        with pytest.raises(MailServerUnreachable):
            await mail(server, tmp_path).run(job, now)
    async with MailServer(silent=True) as server:
        with pytest.raises(MailServerUnreachable):
            await mail(server, tmp_path, timeout=0.3).run(job, now)
    async with MailServer() as server:
        await mail(server, tmp_path).run(job, now)

    assert len(server.received) == 1


async def test_a_missing_letter_is_named(database, now, tmp_path):
    job = a_job("parvis:mail", await a_case(now), input=INPUT | {"letter": "unknown"})

    async with MailServer() as server:
        with pytest.raises(LetterMissing, match="unknown"):
            await mail(server, tmp_path).run(job, now)


async def test_the_booking_and_the_documents_go_with_the_message(database, now, tmp_path):
    await a_room(now)
    case = await a_case(now)
    await bookings.book(case, await slot_of(now), now)
    await documents.issue(case, PDF, title="Accord", name="accord.pdf", files=FileStore(tmp_path), now=now, key="d")
    job = a_job("parvis:mail", case, input=INPUT | {"calendar": True, "documents": True})

    async with MailServer() as server:
        await mail(server, tmp_path).run(job, now)

    enclosed = {part.get_filename(): part.get_content_type() for part in server.received[0].iter_attachments()}
    assert enclosed == {"reservation.ics": "text/calendar", "accord.pdf": "application/pdf"}


async def test_the_survey_s_link_opens_its_invitation_and_a_repeat_invites_once(database, now):
    job = a_job("parvis:survey", await a_case(now), input={"letter": "survey", "to": "elodie@example.org"})

    async with MailServer() as server:
        connector = SurveyConnector(server.post(), letters, secret=b"s", public_url="https://mairie.example/", town="T")
        for _ in range(2):
            await connector.run(job, now)

    (message,) = server.received
    token = body_of(message).split("https://mairie.example/enquete/")[1].split()[0]
    assert (await surveys.of_token(token, now)).case_id == job.case_id
    assert (await surveys.figures())[0].invited == 1


async def test_a_survey_measures_what_is_asked_reminds_once_and_spares_who_was_asked_lately(database, now):
    first, second = await a_case(now), await a_case(now)

    def asked(case_id, **given):
        return a_job("parvis:survey", case_id, input={"letter": "survey", "to": "elodie@example.org", **given})

    async with MailServer() as server:
        one = SurveyConnector(server.post(), letters, secret=b"s", public_url="https://x", town="T")
        await one.run(asked(first, measure="recommendation"), now)
        spared = await one.run(asked(second, rest="30"), now + timedelta(days=3))
        reminder = asked(first, reminder=True)
        reminded = [await one.run(reminder, now + timedelta(days=7)) for _ in range(2)]
        token = body_of(server.received[0]).split("https://x/enquete/")[1].split()[0]
        await surveys.answer(token, score=9, now=now + timedelta(days=8))
        answered = await one.run(asked(first, reminder=True), now + timedelta(days=14))
        later = await one.run(asked(second, rest="30"), now + timedelta(days=31))

    invitation = await surveys.of_token(token, now + timedelta(days=8))
    assert invitation.scale == "0-10" and "Conseilleriez-vous" in invitation.question["fr"]
    assert [each.variables["invited"] for each in (spared, *reminded, answered, later)] == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert len(server.received) == 3 and token in body_of(server.received[1])


async def test_nobody_without_an_address_is_invited(database, now):
    job = a_job("parvis:survey", await a_case(now), input={"to": ""})

    async with MailServer() as server:
        connector = SurveyConnector(server.post(), letters, secret=b"s", public_url="https://x", town="T")
        outcome = await connector.run(job, now)

    assert (outcome.variables, server.received, await surveys.figures()) == ({"invited": False}, [], ())


async def test_the_department_is_notified_with_a_link_and_the_priority_rises(database, now):
    values = {"answers": {"address": "Place du Port"}}
    job = a_job("parvis:notify", await a_case(now), input={"letter": "danger", "priority": 90, "values": values})

    async def contact_of(department: str) -> str:
        return f"{department}@town.example"

    async with MailServer() as server:
        connector = NotifyConnector(server.post(), letters, contact_of, public_url="https://mairie.example")
        outcome = await connector.run(job, now)

    (message,) = server.received
    assert message["To"] == "voirie@town.example"
    assert f"/agent/dossiers/{job.case_id}" in body_of(message)
    assert outcome.case == {"priority": 90}


async def test_a_department_without_address_blocks_in_plain_words(database, now):
    async def nobody(department: str) -> None:
        return None

    async with MailServer() as server:
        connector = NotifyConnector(server.post(), letters, nobody, public_url="https://x")
        with pytest.raises(BusinessError, match="voirie"):
            await connector.run(a_job("parvis:notify"), now)


async def test_the_platform_s_notices_leave_in_the_applicant_s_language(database, now):
    case = await a_case(now, language="en")
    await exchanges.post(case, "We need a paper.", by=AGENT, now=now)

    async with MailServer() as server:
        send = NoticePost(server.post(), "https://mairie.example", "Saint-Martin")
        await asyncio.wait_for(notifications.deliver_waiting(send, now), 10)

    (message,) = server.received
    assert "the town hall has written to you" in message["Subject"]
    assert "We need a paper." in body_of(message)
