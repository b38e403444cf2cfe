"""A real SMTP server on a free port, that can refuse, cut or keep silent. And jobs as the engine hands them to
connectors."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiosmtpd.smtp import SMTP

from connectors.errors import LetterMissing
from connectors.mail.post import Post, Smtp
from engine.connector import Job

LETTERS = {
    "answer.fr": "Objet : Dossier {{ case.reference }}\n\nBonjour {{ answers.name }},\n\nLe {{ deadline }}.\n\nhttps://mairie.example/suivi",
    "answer.en": "Subject: Case {{ case.reference }}\n\nHello {{ answers.name }},",
    "survey.fr": "Objet : Votre avis\n\nDonner votre avis : {{ survey.url }}",
    "danger.fr": "Objet : Danger, dossier {{ case.reference }}\n\nLieu : {{ answers.address }}",
}


class MailServer:
    """`async with MailServer() as server`. `answer` is what RCPT is told; `cut` closes at DATA; `silent` never
    answers DATA."""

    def __init__(self, answer: str = "250 OK", *, cut: bool = False, silent: bool = False) -> None:
        self.answer, self.cut, self.silent = answer, cut, silent
        self.received: list[EmailMessage] = []
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.silent:
            await asyncio.sleep(30)
        if self.cut:
            server.transport.abort()
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    async def __aenter__(self) -> "MailServer":
        self._server = await asyncio.get_running_loop().create_server(lambda: SMTP(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def post(self, timeout: float = 5.0) -> Post:
        """A post that writes to this server."""
        smtp = Smtp(host="127.0.0.1", port=self.port, sender="mairie@town.example", timeout=timeout)
        return Post(smtp, "Saint-Martin-sur-Loire")


async def letters(definition_hash: str, name: str, language: str) -> str:
    """The letters of these tests, as a bundle would give them."""
    found = LETTERS.get(f"{name}.{language}") or LETTERS.get(f"{name}.fr")
    if found is None:
        raise LetterMissing(f"The procedure has no letter “{name}”.")
    return found


def a_job(type: str, case_id: UUID | None = None, **told: Any) -> Job:
    """A leased job; `told` may hold input, headers, case, id."""
    case = {"reference": "2026-000123", "language": "fr", "department": "voirie", "applicant": {"name": "Élodie"}}
    return Job(
        id=told.get("id", uuid4()),
        type=type,
        case_id=case_id or uuid4(),
        procedure="room_booking",
        definition_hash=told.get("definition_hash", "hash"),
        element_id="Element",
        attempt=told.get("attempt", 1),
        input=told.get("input", {}),
        headers=told.get("headers", {}),
        case=case | told.get("case", {}),
    )


def body_of(message: EmailMessage) -> str:
    """The plain text of a received message."""
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content()


PROCESSES = Path(__file__).parents[2] / "processes"
