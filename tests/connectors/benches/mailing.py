"""Mailing: connectors that write mail, to an SMTP server of ours down to its bytes."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from connectors.errors import (
    ConnectionFault,
    MailServerGarbled,
    MailServerUnreachable,
)
from connectors.mail.connector import MailConnector
from connectors.mail.post import Post, Smtp
from connectors.notify.connector import NotifyConnector
from connectors.survey.connector import SurveyConnector
from desk.files import FileStore
from engine.connector import BusinessError, Job, TryLater
from tests.connectors.benches.bench import PATIENCE, PERSON, SECRET, Bench
from tests.connectors.postbox import a_job, letters


class MailSide:
    """An SMTP server, down to its bytes: answers, refuses, keeps silent, cuts, drips or talks nonsense."""

    def __init__(self) -> None:
        self.behaviour, self.letters = "answer", list[bytes]()

    async def __aenter__(self) -> "MailSide":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.behaviour == "babble":
            writer.write(b"\x00\xff\xfe this is no mail server\r\n" * 3)
            await writer.drain()
            return
        writer.write(b"220 mail.town.example ESMTP\r\n")
        while line := await reader.readline():
            command = line[:4].upper()
            if command == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if not await self._behave(writer):
                    return
                self.letters.append(content)
                writer.write(b"250 taken\r\n")
            elif command == b"RCPT" and self.behaviour == "refuse":
                writer.write(f"550 no {PERSON['email']} here, password {SECRET}\r\n".encode())
            elif command == b"RCPT" and self.behaviour == "later":
                writer.write(b"451 greylisted\r\n")
            elif command == b"AUTH":
                writer.write(b"235 welcome\r\n")
            elif command == b"EHLO":
                writer.write(b"250-mail.town.example\r\n250 AUTH PLAIN\r\n")
            else:
                writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            await writer.drain()

    async def _behave(self, writer: asyncio.StreamWriter) -> bool:
        """Instead of the answer to a letter; False: the talk is over."""
        match self.behaviour:
            case "silent":
                await asyncio.sleep(30)
            case "cut":
                writer.transport.abort()
            case "garbage":
                writer.write(b"\x00\xff\xfe nonsense instead of a code\r\n")
                await writer.drain()
            case "drip":
                for each in b"250 taken" * 20:
                    writer.write(bytes([each]))
                    await writer.drain()
                    await asyncio.sleep(0.1)
            case _:
                return True
        return False


class MailBench(Bench):
    """A connector that writes mail."""

    def __init__(self, now: Any, type: str, side: MailSide, folder: Path, case_id: Any) -> None:
        super().__init__(now)
        smtp = Smtp(host="127.0.0.1", port=side.port, user="parvis", password=SECRET, sender="m@town.example")
        post = Post(Smtp(**{name: getattr(smtp, name) for name in smtp.__struct_fields__} | {"timeout": PATIENCE}), "T")
        self.type, self.side, self.case_id = type, side, case_id

        async def contact_of(_: str) -> str:
            return "voirie@town.example"

        self.one: Any = {
            "parvis:mail": lambda: MailConnector(post, letters, FileStore(folder)),
            "parvis:notify": lambda: NotifyConnector(post, letters, contact_of, public_url="https://m.example"),
            "parvis:survey": lambda: SurveyConnector(post, letters, secret=b"s", public_url="https://x", town="T"),
        }[type]()

    def job(self) -> Job:
        self.side.behaviour = "answer"
        letter = {"parvis:mail": "answer", "parvis:survey": "survey", "parvis:notify": "danger"}[self.type]
        values = {"answers": {"name": PERSON["name"], "address": "Place"}, "deadline": "2026-12-12"}
        given = {"letter": letter, "to": PERSON["email"], "values": values}
        return a_job(self.type, self.case_id, input=given, case={"applicant": PERSON})

    async def success(self) -> None:
        job, before = self.job(), len(self.side.letters)
        assert (await self.one.run(job, self.now)).variables
        assert len(self.side.letters) == before + 1

    async def refusal(self) -> None:
        job = self.job()
        self.side.behaviour = "refuse"
        refused = await self.told(self.one.run(job, self.now), job, BusinessError)
        assert isinstance(refused, BusinessError) and refused.code == "MAIL_REFUSED"
        self.side.behaviour = "later"
        await self.told(self.one.run(job, self.now), job, TryLater)

    async def timeout(self) -> None:
        await self._behaving("silent")

    async def cut(self) -> None:
        await self._behaving("cut")

    async def slow(self) -> None:
        await self._behaving("drip")

    async def garbage(self) -> None:
        await self._behaving("garbage", MailServerGarbled)
        await self._behaving("babble", MailServerGarbled)

    async def replay(self) -> None:
        job, before = self.job(), len(self.side.letters)
        outcomes = [await self.one.run(job, self.now) for _ in range(2)]
        assert outcomes[0] == outcomes[1] and len(self.side.letters) == before + 1

    async def _behaving(self, behaviour: str, error: type[ConnectionFault] = MailServerUnreachable) -> None:
        job, before = self.job(), len(self.side.letters)
        self.side.behaviour = behaviour
        failure = await self.told(self.one.run(job, self.now), job, error)
        assert isinstance(failure, ConnectionFault), "its connection rests before the next try"
        self.side.behaviour = "answer"
        assert (await self.one.run(job, self.now)).variables, "the next try succeeds"
        assert len(self.side.letters) == before + 1
