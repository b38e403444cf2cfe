"""Any hostile body gets a 4xx, soon: no body of a form page is worth more than a tenth of a second of the town's time.

Time is this process's own CPU, in units of a fixed piece of work that takes about ten milliseconds on a quiet core: a
busy machine changes neither. `pytest -m proof` makes many more bodies, and larger ones.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import pytest
from litestar.connection.request import parse_url_encoded_form_data

from accounts.departments import Department, upsert
from engine import deployments
from engine.actor import SYSTEM
from engine.bundle import bundle_of
from tests.conformance.forms.running import MODEL
from tests.conformance.village import bundle_around
from tests.forms.samples import EVERY_KIND, control
from tests.web.conftest import hidden_fields
from web.pages.csrf import LARGEST_TEXT, MOST_FIELDS

UNITS = 10
"""A tenth of a second, in units of ten milliseconds."""

URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "----parvis"
NAMES = [f"/{name}" for name in EVERY_KIND["properties"]]
PARTS = ("", "#day", "#month", "#year", "#id", "#file", "/0", "/0/plate", "/lines", "/latitude")


class Body(NamedTuple):
    """What is posted. `lists`: it adds items to the list, so that the page may be drawn again to ask about them."""

    content_type: str
    content: bytes
    what: str
    lists: bool = False


def unit_of_work() -> float:
    """Seconds of CPU that the fixed piece of work takes here and now: the least of several."""
    return min(_timed(_work) for _ in range(5))


def _work() -> None:
    # What answering a page is made of: small dictionaries, texts, JSON.
    for number in range(3_600):
        json.loads(json.dumps({"name": "é" * 20, "number": number, "list": [number] * 10}))


def _timed(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def texts(random_: random.Random, largest: int) -> Iterator[tuple[str, bytes]]:
    """Hostile values, each already as the bytes of a body."""
    size = random_.choice([10, 1_000, largest])
    yield "long", b"a" * size
    yield "digits", b"9" * size
    yield "exponent", b"1e" + b"9" * random_.choice([3, 9, 4_000])
    yield "fraction", b"0," + b"0" * size + b"1"
    yield "combining", quote("a" + "\u0301\u0316" * (size // 20)).encode()
    yield "spaces", b"+" * size + b"x"
    yield "controls", quote("".join(chr(random_.randrange(32)) for _ in range(size // 3)) or "\x01").encode()
    yield "nul", b"a%00b"
    yield "surrogates", b"%ed%a0%80" * (size // 9 + 1)
    yield "overlong", b"%c0%af" * (size // 6 + 1)
    yield "latin-1", "é".encode("latin-1") * size
    yield "utf-16", "é".encode("utf-16") * (size // 4 + 1)
    yield "broken percents", b"%zz%" * (size // 4 + 1)
    yield "tags", quote("\U000e0041\u202e\u200b" * (size // 30 + 1)).encode()
    yield "at signs", b"a@" * (size // 2) + b"a"
    yield "dots", b"a@" + b"a." * (size // 2)
    yield "json", b"[" * size
    yield "markup", quote("<script>'\"&" * (size // 12 + 1)).encode()


def encoded(random_: random.Random, csrf: bytes, largest: int) -> Iterator[Body]:
    """URL-encoded bodies."""
    for what, value in texts(random_, largest):
        names = random_.sample(NAMES, random_.randrange(1, len(NAMES)))
        fields = [
            quote(name + random_.choice(PARTS)).encode() + b"=" + value
            for name in names[: 1 + 200_000 // (len(value) + 1)]
        ]
        yield Body(URLENCODED, b"&".join([csrf, *fields]), f"{what} in {len(fields)} fields", lists=True)
        yield Body(URLENCODED, csrf + b"&" + value + b"=1", f"{what} as a name")
    count = random_.choice([100, 900, largest // 20])
    item = b"/0/vehicles" * random_.choice([10, 300, largest // 40])
    yield Body(URLENCODED, csrf + b"&/vehicles" + item + b"/0/plate=1", "deep names", lists=True)
    yield Body(URLENCODED, csrf + b"&" + b"/" * (largest // 2) + b"=1", "slashes")
    yield Body(URLENCODED, b"&".join([csrf, *(b"/vehicles/%d/plate=x" % n for n in range(count))]), "items", lists=True)
    yield Body(URLENCODED, b"&".join([csrf, *(b"/vehicles/%d=" % 10**n for n in range(99))]), "far items", lists=True)
    yield Body(URLENCODED, b"&".join([csrf, *(b"/equipment=tables" for _ in range(count))]), "the same choice")
    yield Body(URLENCODED, b"&".join([csrf, *(b"/photos%%23id=%d" % n for n in range(count))]), "files of nobody")
    yield Body(URLENCODED, b"&".join([csrf, *(b"%d=" % n for n in range(count))]), "unknown names")
    yield Body(URLENCODED, csrf + b"&" * (largest // 2), "separators")
    yield Body(URLENCODED, csrf + b"&do=" + b"remove /vehicles/" + b"9" * largest, "removing far away", lists=True)


def multipart(random_: random.Random, token: bytes, largest: int) -> Iterator[Body]:
    """Multipart bodies, most of them as no browser makes them."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    line = b"--" + BOUNDARY.encode() + b"\r\n"
    end = b"--" + BOUNDARY.encode() + b"--\r\n"

    def part(name: bytes, value: bytes = b"x", more: bytes = b"") -> bytes:
        return line + b'Content-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value + b"\r\n"

    csrf, count = part(b"csrf", token), random_.choice([10, 500, largest // 100])
    file = b'; filename="%s"\r\nContent-Type: image/jpeg'
    yield Body(kind, csrf + part(b"/name") * count + end, f"{count} parts")
    yield Body(kind, csrf + part(b"/photos#file", b"", file % b"a.jpg") * min(count, 900) + end, "empty files")
    yield Body(kind, csrf + part(b"/photos#file", b"\xff\xd8\xff" * 99, file % b"../\x00.jpg") + end, "a bad file name")
    yield Body(kind, csrf + part(b"/photos#file", b"x", file % (b"a" * largest)) + end, "a long file name")
    yield Body(
        kind, csrf + part(b"/photos#file", b"\xff\xd8\xff" * (largest // 3), file % b"a.jpg") + end, "a long file"
    )
    yield Body(kind, csrf + part(b"/name", b"y" * (largest // 900)) * 900 + end, "many long values")
    yield Body(kind, csrf + part(b"/name", b"x" * largest) + end, "a long value")
    yield Body(kind, csrf + part(b"/name", b"\xff\xfe\xed\xa0\x80" * 99) + end, "no UTF-8")
    unknown = b"\r\nContent-Type: text/plain; charset=nobody"
    yield Body(kind, csrf + part(b"/name", b"x", unknown) + end, "a charset nobody knows")
    yield Body(
        kind, csrf + part(b"/name", b"x", unknown.replace(b"nobody", b"zip")) + end, "a codec that is no charset"
    )
    yield Body(kind, csrf + part(b"n" * largest) + end, "a long name")
    yield Body(kind, csrf + part(b"/name"), "no end")
    yield Body(kind, csrf + line * count + end, "nothing but boundaries")
    yield Body(kind, csrf + line + b"X: " + b"y" * largest + b"\r\n\r\nx\r\n" + end, "a long header")
    yield Body(kind, csrf + line + b"X: y\r\n" * (largest // 6) + b"\r\nx\r\n" + end, "many headers")
    yield Body(kind, csrf + line + b"\r\n\r\nx\r\n" + end, "no name")
    yield Body(kind, csrf + part(b"/name", csrf + end) + end, "a body in a body")
    yield Body(kind, b"\r\n" * (largest // 2) + csrf + end, "line ends")
    yield Body(kind + "; charset=utf-7", csrf + part(b"/name", b"+AGE-") + end, "another charset")
    yield Body(f"multipart/form-data; boundary={'b' * random_.choice([1, 70, 5_000])}", csrf + end, "another boundary")
    yield Body("multipart/form-data; boundary=", csrf + end, "an empty boundary")
    yield Body("multipart/form-data", csrf + end, "no boundary")
    yield Body("multipart/mixed; boundary=x", b"--x\r\n\r\n--x--", "mixed")


def elsewise(random_: random.Random, largest: int) -> Iterator[Body]:
    """Bodies of other kinds, and noise."""
    for kind in ("application/json", "text/xml", "application/msgpack", "image/png", "", URLENCODED + "; charset=x"):
        yield Body(kind, random_.randbytes(random_.choice([0, 100, largest])), f"noise as {kind or 'nothing'}")
    yield Body("application/json", b'{"a":' * largest, "deep JSON")


def bodies(random_: random.Random, token: str, largest: int) -> list[Body]:
    """One of each."""
    token = quote(token)
    csrf = b"csrf=" + token.encode()
    return [*encoded(random_, csrf, largest), *multipart(random_, token.encode(), largest), *elsewise(random_, largest)]


@pytest.fixture
async def first(database, now, browser):
    """The first page of a form with every kind of field, whose required answers no body here gives."""
    await upsert(Department(slug="anyone", name_fr="Accueil", name_en="Reception"))
    schema = {**EVERY_KIND, "required": [*EVERY_KIND["required"], "never"]}
    schema["properties"] = {**EVERY_KIND["properties"], "never": {"type": "string", "title": "Jamais", "minLength": 9}}
    layout = {"type": "VerticalLayout", "elements": [control(name) for name in schema["properties"]]}
    files = {
        "forms/request.schema.json": json.dumps(schema).encode(),
        "forms/request.ui.json": json.dumps(layout).encode(),
    }
    bundle = bundle_of({**bundle_around(MODEL, "filing", "essai").files, **files})
    await deployments.publish(bundle, SYSTEM, now)
    shown = await browser.open("/demarches/essai")
    return await browser.client.post(
        "/demarches/essai/commencer", data=hidden_fields(shown.text), follow_redirects=True
    )


async def post_all(browser, first, seed: int, largest: int) -> list[str]:
    """What went wrong, and how."""
    unit, wrong = unit_of_work(), list[str]()
    for body in bodies(random.Random(seed), hidden_fields(first.text)["csrf"], largest):
        begun = time.process_time()
        answer = await browser.client.post(
            first.url.path, content=body.content, headers={"content-type": body.content_type}
        )
        units = (time.process_time() - begun) / unit
        drawn_again = body.lists and answer.status_code == 200
        if not (400 <= answer.status_code < 500 or drawn_again) or units > UNITS:
            wrong.append(
                f"{body.what}: {answer.status_code} in {units:.1f} units ({len(body.content)} octets, seed {seed})"
            )
    return wrong


async def test_any_hostile_body_is_refused_soon(browser, first):
    assert await post_all(browser, first, seed=1, largest=60_000) == []


@pytest.mark.parametrize("kind", [URLENCODED, URLENCODED.title(), f"multipart/form-data; boundary={BOUNDARY}"])
async def test_more_text_than_a_page_asks_for_is_refused_with_what_to_do(browser, first, kind):
    csrf = hidden_fields(first.text)["csrf"].encode()
    line = b"--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="/name"\r\n\r\n'
    long = b"a" * (LARGEST_TEXT + 1)
    body = line + long + b"\r\n--" + BOUNDARY.encode() + b"--\r\n" if BOUNDARY in kind else b"/name=" + long

    answer = await browser.client.post(
        first.url.path, content=body, headers={"content-type": kind, "x-csrf": csrf.decode()}
    )

    assert answer.status_code == 413
    assert "Ces réponses sont trop longues" in answer.text


async def test_more_fields_than_a_page_asks_are_refused_before_they_are_read(browser, first):
    csrf = b"csrf=" + quote(hidden_fields(first.text)["csrf"]).encode()

    answer = await browser.client.post(
        first.url.path, content=csrf + b"&a=" * MOST_FIELDS, headers={"content-type": URLENCODED}
    )

    assert answer.status_code == 413


async def test_what_somebody_has_written_is_not_kept_in_memory(browser, first):
    csrf = b"csrf=" + quote(hidden_fields(first.text)["csrf"]).encode()

    await browser.client.post(first.url.path, content=csrf + b"&/name=Camille", headers={"content-type": URLENCODED})

    assert parse_url_encoded_form_data.cache_info().currsize == 0


@pytest.mark.proof
@pytest.mark.parametrize("largest", [100_000, 1_200_000, 8_000_000])
@pytest.mark.parametrize("seed", range(2, 8))
async def test_many_hostile_bodies_are_refused_soon(browser, first, seed, largest):
    assert await post_all(browser, first, seed=seed, largest=largest) == []
