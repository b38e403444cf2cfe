"""Outgoing: the one HTTP client. Every call goes to a host that its connection allows, at an address that is checked as
the socket opens, within limits of time and size. Never follows a redirect unchecked, never reads the machine's proxies.

Errors are `ConnectorError`s in plain words without address or content.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors import addresses
from connectors.addresses import Network
from connectors.errors import (
    AddressForbidden,
    AnswerGarbled,
    AnswerTooLarge,
    CertificateRefused,
    HostNotAllowed,
    NameUnknown,
    RedirectRefused,
    ServerTooSlow,
    ServerUnreachable,
)

MOST_REDIRECTS = 3
LARGEST_ANSWER = 1024 * 1024
SECONDS = 20.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAFE = frozenset({"GET", "HEAD"})
PORTS = {"http": 80, "https": 443}
# Sent to the first host only: a redirect must not carry the town's credentials to another.
SECRET_HEADERS = frozenset({"authorization", "cookie", "x-api-key"})


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON values. Raises `AnswerGarbled`."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise AnswerGarbled() from error

    @property
    def retry_after(self) -> timedelta | None:
        """How long the other side asks to wait, when it says so in seconds."""
        said = self.headers.get("retry-after", "")
        return (
            timedelta(seconds=min(int(said), 86_400)) if said.isascii() and said.isdigit() and len(said) < 9 else None
        )


class Outgoing:
    """Calls hosts of `allowed` (`api.town.example`, `api.town.example:8443`, `*.town.example`).

    `permitted` are networks of the town's own that the operator opened; `proxy` an address every call goes through.
    """

    def __init__(
        self,
        allowed: tuple[str, ...],
        *,
        permitted: tuple[Network, ...] = (),
        proxy: str = "",
        seconds: float = SECONDS,
        largest: int = LARGEST_ANSWER,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed, self.permitted, self.proxy = tuple(_host_key(each) for each in allowed), permitted, proxy
        self.seconds, self.largest, self.tls = seconds, largest, tls

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Call. Raises `HostNotAllowed`, `AddressForbidden`, `NameUnknown`, `ServerUnreachable`, `ServerTooSlow`,
        `CertificateRefused`, `RedirectRefused`, `AnswerTooLarge`, `AnswerGarbled`."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(method.upper(), url, dict(headers or {}), body)
        except TimeoutError as error:
            raise ServerTooSlow() from error

    async def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Reply:
        for _ in range(MOST_REDIRECTS + 1):
            self.check_url(url)
            reply = await self._call(method, url, headers, body)
            if reply.status not in REDIRECTS or "location" not in reply.headers:
                return reply
            if method not in SAFE:
                raise RedirectRefused()
            following = urljoin(url, reply.headers["location"])
            if url.startswith("https:") and not following.startswith("https:"):
                raise RedirectRefused()
            if _origin(following) != _origin(url):
                headers = {name: said for name, said in headers.items() if name.lower() not in SECRET_HEADERS}
            url = following
        raise RedirectRefused()

    def check_url(self, url: str) -> None:
        """Raises `HostNotAllowed` when the connection does not allow this address, whatever it resolves to."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip(".").lower(), parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise HostNotAllowed() from error
        plain = all("\x20" < sign < "\x7f" and sign not in '\\^`{}|"<>' for sign in url)
        if parts.scheme not in PORTS or not host or "@" in parts.netloc or not plain:
            raise HostNotAllowed()
        usual = port == PORTS[parts.scheme]
        if not any(_matches(each, host, port, usual=usual) for each in self.allowed):
            raise HostNotAllowed()

    async def _call(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Reply:
        if self.proxy:
            await self._check_before_proxy(url)
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self.permitted if not self.proxy else None),
            socket_factory=None if self.proxy else self._socket,
            force_close=True,
            ssl=self.tls or True,
        )
        sent = {"accept-encoding": "identity", "user-agent": "Parvis", **headers}
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
                ) as session,
                session.request(
                    method, url, headers=sent, data=body, allow_redirects=False, proxy=self.proxy or None
                ) as response,
            ):
                return await self._read(response)
        except (AddressForbidden, NameUnknown, AnswerTooLarge, AnswerGarbled):
            raise
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError) as error:
            raise CertificateRefused() from error
        except aiohttp.InvalidURL as error:
            raise HostNotAllowed() from error
        except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, ValueError) as error:
            raise AnswerGarbled() from error
        except (aiohttp.ClientError, OSError) as error:
            raise _cause(error) from error

    async def _read(self, response: aiohttp.ClientResponse) -> Reply:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            # We asked for plain octets: what is packed all the same could be a bomb.
            raise AnswerGarbled()
        body = bytearray()
        async for part in response.content.iter_chunked(65_536):
            body += part
            if len(body) > self.largest:
                raise AnswerTooLarge()
        headers = {name.lower(): said for name, said in response.headers.items()}
        return Reply(status=response.status, headers=headers, body=bytes(body))

    def _socket(self, address: Any) -> socket.socket:
        """Opens the socket of one address, once it is checked: nothing resolves it again between here and connect."""
        family, kind, protocol, _, where = address
        addresses.check(str(where[0]), self.permitted)
        return socket.socket(family=family, type=kind, proto=protocol)

    async def _check_before_proxy(self, url: str) -> None:
        """The proxy resolves the name: what we can resolve ourselves must be allowed, the rest is the proxy's to
        judge."""
        parts = urlsplit(url)
        try:
            found = await resolved(str(parts.hostname), parts.port or PORTS[parts.scheme])
        except NameUnknown:
            return
        for each in found:
            addresses.check(each, self.permitted)


class _CheckedResolver(AbstractResolver):
    """Resolves a name; one forbidden address among several refuses the whole name. `permitted` None checks nothing:
    it is the proxy's own name."""

    def __init__(self, permitted: tuple[Network, ...] | None) -> None:
        self.permitted = permitted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await resolved(host, port)
        if self.permitted is not None:
            for each in found:
                addresses.check(each, self.permitted)
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system finds them. Raises `NameUnknown`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown() from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _host_key(written: str) -> str:
    return written.strip().lower().rstrip(".")


def _matches(allowed: str, host: str, port: int, *, usual: bool) -> bool:
    name, _, given = allowed.rpartition(":") if not allowed.endswith("]") and ":" in allowed else (allowed, "", "")
    name = name.strip("[]")
    if not (given == str(port) if given else usual):
        return False
    return host.endswith(name[1:]) and host != name[2:] if name.startswith("*.") else host == name


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def _cause(error: Exception) -> Exception:
    """What one of ours said inside an error of the client; else that nobody answers."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, AddressForbidden | NameUnknown):
            return inner
        inner = inner.__cause__ or inner.__context__
    return ServerUnreachable()
