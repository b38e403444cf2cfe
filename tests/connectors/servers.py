"""A real HTTP server on a free port that answers, refuses, keeps silent, cuts, drips or talks nonsense as told."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec

BEHAVIOURS = ("answer", "silent", "cut", "drip", "garbage", "huge", "packed")


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One request as the server read it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Received], tuple[int, dict[str, str], bytes]]


def answering(status: int = 200, body: Any = None, **headers: str) -> Answer:
    """Always the same answer; `body` becomes JSON."""
    given = {name.replace("_", "-"): said for name, said in headers.items()}
    return lambda _: (status, given, json.dumps(body if body is not None else {"ok": True}).encode())


class HttpServer:
    """`async with HttpServer(answering(200, {...})) as server`; `server.received` are the requests; `behaviour` may be
    changed at any time."""

    def __init__(self, answer: Answer | None = None, *, host: str = "127.0.0.1", behaviour: str = "answer") -> None:
        self.answer, self.host, self.behaviour = answer or answering(), host, behaviour
        self.received: list[Received] = []
        self.connected = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    async def __aenter__(self) -> "HttpServer":
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        try:
            request = await self._read(reader)
            self.received.append(request)
            await self._reply(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        headers = {name.lower(): said for name, said in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Received(method=method, path=path, headers=headers, body=body)

    async def _reply(self, request: Received, writer: asyncio.StreamWriter) -> None:
        match self.behaviour:
            case "silent":
                await asyncio.sleep(30)
            case "cut":
                writer.transport.abort()
                return
            case "garbage":
                writer.write(b"\x00\xff\xfe this is no HTTP \r\n\r\n")
            case "drip":
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                for _ in range(100):
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.2)
            case "huge":
                writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                for _ in range(200):
                    writer.write(b"x" * 65_536)
                    await writer.drain()
            case "packed":
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nBOMB")
            case _:
                status, headers, body = self.answer(request)
                lines = "".join(f"{name}: {said}\r\n" for name, said in headers.items())
                writer.write(f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
