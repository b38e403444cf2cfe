"""Outgoing: nothing inside the town's network is ever reached, and no server can hold, flood or fool Parvis."""

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest

from connectors.addresses import is_allowed, networks_of
from connectors.errors import (
    AddressForbidden,
    AnswerGarbled,
    AnswerTooLarge,
    ConnectorError,
    HostNotAllowed,
    RedirectRefused,
    ServerTooSlow,
    ServerUnreachable,
)
from connectors.outgoing import Outgoing
from tests.connectors.servers import HttpServer, answering

HERE = networks_of("127.0.0.1/32")

# Ways to write 127.0.0.1, the network of the town, or the metadata service of a cloud, as the host of an address.
SPELLINGS = (
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "017700000001"),
    *("0x7f.1", "127.0.0.1.", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0", "0x0", "00000177.0.0.1"),
    *("localhost", "LOCALHOST", "localhost.", "ip6-localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]"),
    *("[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[2001:0:0:0:0:0:80ff:fffe]", "[fe80::1]"),
    *("[fe80::1%25lo]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[fd00:ec2::254]"),
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1", "127.0.0.1%00.example", "①②⑦.⓪.⓪.①"),
    *("127。0。0。1", "[2001:4860:4860::5efe:7f00:1]", "metadata.internal", "rebound.example"),
)


@pytest.fixture
def names(monkeypatch):
    """Names a hostile resolver would answer for; numbers and the machine's own names are resolved for real."""
    hostile = {"metadata.internal": "169.254.169.254", "rebound.example": "127.0.0.1", "mixed.example": "127.0.0.1"}
    original = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        if host == "mixed.example":
            return original("93.184.215.14", port, *args, **kwargs) + original("127.0.0.1", port, *args, **kwargs)
        return original(hostile.get(host, host), port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


async def test_nothing_of_the_corpus_is_reached(names):
    assert len(SPELLINGS) >= 60
    async with AsyncExitStack() as stack:
        canary = await stack.enter_async_context(HttpServer(host="127.0.0.1"))
        sixth = HttpServer(host="::1")
        sixth.port = canary.port
        await stack.enter_async_context(sixth)

        refusals = await asyncio.gather(*(refused(f"{host}:{canary.port}") for host in SPELLINGS))

    assert [(host, said) for host, said in zip(SPELLINGS, refusals, strict=True) if said == "reached"] == []
    assert canary.connected + sixth.connected == 0
    assert sum(said == "AddressForbidden" for said in refusals) >= 50, refusals


async def refused(authority: str) -> str:
    """Why it was not reached, although the connection's list allows the host."""
    host = authority.rpartition(":")[0].strip("[]")
    outgoing = Outgoing((host, f"{host}:{authority.rpartition(':')[2]}", "[" + host + "]"), seconds=3)
    try:
        await outgoing.request("GET", f"http://{authority}/")
    except ConnectorError as error:
        return type(error).__name__
    return "reached"


async def test_one_forbidden_address_among_several_refuses_the_name(names):
    async with HttpServer() as canary:
        with pytest.raises(AddressForbidden):
            await Outgoing((f"mixed.example:{canary.port}",)).request("GET", f"http://mixed.example:{canary.port}/")

    assert canary.connected == 0


async def test_a_redirect_inside_is_not_followed(names):
    async with HttpServer(host="127.0.0.2") as inside, HttpServer() as server:
        for target in (f"{inside.url}/", "//169.254.169.254/", f"http://rebound.example:{inside.port}/"):
            server.answer = answering(302, location=target)
            with pytest.raises(HostNotAllowed):
                await calling(server).request("GET", server.url)
        server.answer = answering(302, location=inside.url)
        with pytest.raises(AddressForbidden):
            allowed = (f"127.0.0.1:{server.port}", f"127.0.0.2:{inside.port}")
            await Outgoing(allowed, permitted=HERE).request("GET", server.url)

    assert inside.connected == 0


async def test_a_name_that_changes_between_two_calls_is_judged_at_each(monkeypatch):
    answers = ["127.0.0.1", "127.0.0.2"]
    original = socket.getaddrinfo

    def flip(host, *args, **kwargs):
        return original(answers.pop(0) if "flip" in host else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", flip)
    async with HttpServer() as server:
        outgoing = Outgoing((f"flip.example:{server.port}",), permitted=HERE)

        first = await outgoing.request("GET", f"http://flip.example:{server.port}/")
        with pytest.raises(AddressForbidden):
            await outgoing.request("GET", f"http://flip.example:{server.port}/")

    assert (first.status, answers, server.connected) == (200, [], 1)


def test_what_is_public_is_allowed_and_metadata_never_even_when_its_network_is_opened():
    everything = networks_of("0.0.0.0/0, ::/0")

    assert all(is_allowed(each) for each in ("93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
    assert is_allowed("10.1.2.3", networks_of("10.1.0.0/16"))
    assert not is_allowed("10.2.0.1", networks_of("10.1.0.0/16"))
    assert not any(is_allowed(each, everything) for each in ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254"))


@pytest.mark.parametrize(
    "url",
    ("https://other.example/", "http://api.example:8080/", "ftp://api.example/", "file:///etc/passwd", "//api.example/",
     "http://user@api.example/", "http://api.example@other.example/", "http://api.example\\@other.example/",
     "http://evil-api.example/", "http://api.example.evil.example/", "http://api.example:port/", "http:///"),
)  # fmt: skip
async def test_only_the_hosts_of_the_connection_are_called(url):
    with pytest.raises(HostNotAllowed):
        await Outgoing(("api.example", "*.town.example")).request("GET", url)


def test_a_list_allows_hosts_ports_and_subdomains_but_no_neighbour():
    outgoing = Outgoing(("api.example", "api.example:8443", "*.town.example"))

    for url in (
        "https://api.example/x",
        "https://API.example:8443/",
        "http://a.town.example/",
        "https://api.example./",
    ):
        outgoing.check_url(url)
    with pytest.raises(HostNotAllowed):
        outgoing.check_url("https://town.example/")


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("silent", ServerTooSlow),
        ("drip", ServerTooSlow),
        ("cut", ServerUnreachable),
        ("garbage", AnswerGarbled),
        ("huge", AnswerTooLarge),
        ("packed", AnswerGarbled),
    ],
)
async def test_a_server_that_misbehaves_is_left_with_a_plain_reason(behaviour, error):
    async with HttpServer(behaviour=behaviour) as server:
        with pytest.raises(error) as caught:
            await calling(server, seconds=0.6).request("POST", f"{server.url}/secret", body=b"{}")

    assert "127.0.0.1" not in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_away_is_unreachable():
    async with HttpServer() as server:
        pass

    with pytest.raises(ServerUnreachable):
        await calling(server).request("GET", server.url)


async def test_a_post_is_never_sent_twice_by_a_redirect_and_credentials_stay_with_their_host():
    async with HttpServer() as other, HttpServer(answering(307, location=other.url)) as server:
        outgoing = Outgoing((f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}"), permitted=HERE)
        with pytest.raises(RedirectRefused):
            await outgoing.request("POST", server.url, body=b"x")
        server.answer = answering(302, location=other.url)
        await outgoing.request("GET", server.url, headers={"Authorization": "Bearer secret"})

    assert [each.method for each in other.received] == ["GET"]
    assert "authorization" not in other.received[0].headers
    assert server.received[1].headers["authorization"] == "Bearer secret"


async def test_calls_go_through_the_proxy_when_there_is_one_and_never_to_what_is_forbidden(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.9:1")
    async with HttpServer() as proxy:
        outgoing = Outgoing(("api.example.invalid", "10.0.0.1"), proxy=proxy.url)

        await outgoing.request("GET", "http://api.example.invalid/x")
        with pytest.raises(AddressForbidden):
            await outgoing.request("GET", "http://10.0.0.1/")

    assert [each.path for each in proxy.received] == ["http://api.example.invalid/x"]


def calling(server: HttpServer, **options: float) -> Outgoing:
    return Outgoing((f"127.0.0.1:{server.port}",), permitted=HERE, **options)  # type: ignore[arg-type]
