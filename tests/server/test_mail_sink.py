"""Mail kept locally while no mail server is configured."""

from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from server.mail_sink import MailSink, SinkServer


def a_message(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "mairie@example.org", "lea@example.org", subject
    message.set_content("Votre demande est arrivée.")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="salle.ics")
    return message


async def test_a_message_sent_by_smtp_is_read_back_newest_first(tmp_path: Path) -> None:
    sink = MailSink(tmp_path / "data")

    async with SinkServer(sink) as server:
        for subject in ("Première", "Seconde"):
            await aiosmtplib.send(a_message(subject), hostname="127.0.0.1", port=server.port)

    found = sink.recent()
    assert [message.subject for message in found] == ["Seconde", "Première"]
    assert (found[0].to, found[0].text.strip()) == ("lea@example.org", "Votre demande est arrivée.")
    assert found[0].attachments == ("salle.ics",)


def test_a_key_is_never_a_path(tmp_path: Path) -> None:
    sink = MailSink(tmp_path)
    sink.keep(bytes(a_message("Une")))

    assert sink.read("../../etc/passwd") is None
