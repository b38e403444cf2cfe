"""Calling: what every HTTP connector says and understands: who we are, what an answer's status means. Pure."""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from connectors import signatures
from connectors.errors import ConnectionIncomplete, CredentialsRefused, RedirectRefused, ServerFailed
from engine.connector import BusinessError, Connection, HttpReply, Job, TryLater
from engine.feel.sentences import Sentence

REFUSED = "The server refused the call (status {0})."
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_POSTPONED = 50
"""After so many polite refusals they count as failures: somebody must know."""


def address_of(connection: Connection, path: str = "", field: str = "url") -> str:
    """The connection's address, with a path behind it. Raises `ConnectionIncomplete`. A path cannot leave the host:
    an absolute address is taken as it is, and the connection's list of hosts judges it."""
    base = connection.text(field)
    if urlsplit(path).scheme in ("http", "https"):
        return path
    if not base:
        raise ConnectionIncomplete()
    return urljoin(base if base.endswith("/") else f"{base}/", path.lstrip("/")) if path else base


def credentials_of(connection: Connection, job_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that say who we are, as the connection's `auth` asks: none, basic, bearer, header, signature."""
    secret = connection.text("secret")
    match connection.text("auth", "none"):
        case "basic":
            pair = f"{connection.text('user')}:{secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        case "bearer":
            return {"Authorization": f"Bearer {secret}"}
        case "header":
            return {connection.text("header", "X-Api-Key"): secret}
        case "signature":
            return signatures.headers_of(secret, job_id, body, now)
        case _:
            return {}


def repeat_of(job: Job) -> dict[str, str]:
    """What lets the other side recognise a repeat: the job's id."""
    return {"Idempotency-Key": str(job.id)}


def judge(reply: HttpReply, job: Job) -> None:
    """Nothing for a success (2xx). Raises `TryLater` (429, 503 with a delay), `CredentialsRefused` (401, 403, 407),
    `ServerFailed` (408, 429, 5xx), and `BusinessError` `HTTP_404` and the like for what the other side refuses."""
    status = reply.status
    if 200 <= status < 300:
        return
    if status in (429, 503) and job.attempt < MOST_POSTPONED:
        asked = getattr(reply, "retry_after", None)
        if asked is not None or status == 429:
            raise TryLater(min(asked or PAUSE, LONGEST_PAUSE), "The server asks to come back later.")
    if status in (401, 403, 407):
        raise CredentialsRefused()
    if 300 <= status < 400:
        raise RedirectRefused()
    if status >= 500 or status in (408, 425, 429):
        raise ServerFailed()
    raise BusinessError(f"HTTP_{status}", Sentence(REFUSED, (status,)), {"status": status})


def content_of(reply: HttpReply) -> object:
    """The body: JSON values when it is said to be JSON, else its text. Raises `AnswerGarbled`."""
    if not reply.body:
        return None
    if "json" in reply.headers.get("content-type", "json"):
        return reply.json()
    return reply.body.decode("utf-8", "replace")


def headers_of(given: Mapping[str, object]) -> dict[str, str]:
    """Headers as texts; those with a line break or that are ours to write are left out."""
    ours = {"host", "content-length", "transfer-encoding", "connection", "authorization", "proxy-authorization"}
    texts = {str(name): str(said) for name, said in given.items() if said is not None}
    return {
        name: said
        for name, said in texts.items()
        if name.lower() not in ours and not any(sign in name + said for sign in "\r\n\0")
    }
