"""Repeats: a command that comes again with the same `Idempotency-Key` is not carried out twice; it receives the answer
that the first received.

The answer is kept in the transaction of the command itself: after a crash there are both or neither. Keys live a day.
Creating a process instance and filing a submission keep their key with the case instead.
"""

import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Conflict, InvalidArgument, Unprocessable
from api.guards import authenticated
from api.house import now_of
from api.store import row, rows, run, transaction

HEADER = b"idempotency-key"
LIFETIME = timedelta(days=1)
LONGEST_KEY = 255
LARGEST_KEPT = 256 * 1024
OWN_WAY = ("/v2/process-instances", "/v2/jobs/activation", "/api/submissions", "/oauth/token", "/api/oauth/token")
"""Addresses that keep keys in their own way, wait for others meanwhile, or must not keep what they answer."""
CLAIM = """INSERT INTO api_answer (client_id, key, fingerprint, status, media_type, body, at)
    VALUES ($1, $2, $3, 0, '', '', $4) ON CONFLICT DO NOTHING RETURNING key"""
KEEP = "UPDATE api_answer SET status = $3, media_type = $4, body = $5 WHERE client_id = $1 AND key = $2"


class _Refused(Exception):
    """The command was refused: nothing of it is kept, nor its key."""


class Recorder:
    """What an application sends, held back until the transaction has committed."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return next((each["status"] for each in self.messages if each["type"] == "http.response.start"), 500)

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.messages if each["type"] == "http.response.body")

    @property
    def media_type(self) -> str:
        headers = next((each["headers"] for each in self.messages if each["type"] == "http.response.start"), [])
        return next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), "")


class RepeatMiddleware(ASGIMiddleware):
    """Carries a command with a key out once."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        key = next((value for name, value in scope["headers"] if name == HEADER), None)
        if key is None or scope.get("method") in ("GET", "HEAD", "OPTIONS") or scope["path"] in OWN_WAY:
            await next_app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or b"\0" in key:
            raise InvalidArgument(f"Expected “Idempotency-Key” to have from 1 to {LONGEST_KEY} characters of ASCII.")
        client = await authenticated(request)
        body = await request.body()
        said = b"\n".join((str(scope.get("method")).encode(), scope["raw_path"], scope["query_string"], body))
        await self._once(_Attempt(client.id, key.decode(), hashlib.sha256(said).digest()), request, send, next_app)

    async def _once(self, attempt: "_Attempt", request: Any, send: Send, next_app: ASGIApp) -> None:
        recorder, now = Recorder(), now_of(request)
        try:
            async with transaction():
                await rows("DELETE FROM api_answer WHERE at < $1", now - LIFETIME)
                if await row(CLAIM, attempt.client_id, attempt.key, attempt.fingerprint, now) is None:
                    await _answer_again(attempt, send)
                    return
                await next_app(request.scope, _replayed(request, await request.body()), recorder)
                if recorder.status >= 400:
                    raise _Refused
                kept = (recorder.status, recorder.media_type, recorder.body[:LARGEST_KEPT])
                await run(KEEP, attempt.client_id, attempt.key, *kept)
        except _Refused:
            pass
        for message in recorder.messages:
            await send(message)


class _Attempt(msgspec.Struct, frozen=True):
    client_id: Any
    key: str
    fingerprint: bytes


async def _answer_again(attempt: _Attempt, send: Send) -> None:
    kept = await row(
        "SELECT fingerprint, status, media_type, body FROM api_answer WHERE client_id = $1 AND key = $2",
        *(attempt.client_id, attempt.key),
    )
    if kept is None or kept["status"] == 0:
        raise Conflict("A request with this “Idempotency-Key” is being carried out.")
    if kept["fingerprint"] != attempt.fingerprint:
        raise Unprocessable("This “Idempotency-Key” was used for another request.")
    headers = [(b"content-type", kept["media_type"].encode()), (b"idempotency-replayed", b"true")]
    headers.append((b"content-length", str(len(kept["body"])).encode()))
    await send({"type": "http.response.start", "status": kept["status"], "headers": headers})
    await send({"type": "http.response.body", "body": kept["body"], "more_body": False})


def _replayed(request: Any, body: bytes) -> Receive:
    """The body once more, then what the connection says."""
    left: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return left.pop() if left else await request.receive()

    return receive
