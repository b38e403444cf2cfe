"""Addresses: what the national base proposes while somebody types, through us: their address and ours stay apart, and
answers are kept a week. Never decides whether an address is right."""

import hashlib
import unicodedata
from collections.abc import Awaitable, Callable
from math import nan
from typing import Any

import msgspec
from litestar import Response, get

from accounts import throttle
from web.pages import guards
from web.pages.layout import AnyRequest
from web.pages.signing_in import address_of
from web.pages.visit import Visit, visit_of

PATH, NEAREST_PATH = "/adresses", "/adresses/proche"
Ask = Callable[[], Awaitable[list[dict[str, Any]] | None]]
LEAST, WEEK, MINUTE = 4, 7 * 86_400, 60


@get(PATH, guards=[guards.anyone])
async def propose(request: AnyRequest, q: str = "") -> Response[Any]:
    """The places that the typed text may mean, for the page's script; none rather than an error."""
    visit, asked = visit_of(request), " ".join(unicodedata.normalize("NFC", q).lower().split())[:200]
    finder = visit.house.connections.get("addresses")
    if finder is None or len(asked) < LEAST:
        return _answer([])
    return await _once(request, asked, lambda: finder.find(asked))


@get(NEAREST_PATH, guards=[guards.anyone])
async def nearest(request: AnyRequest, latitude: float = nan, longitude: float = nan) -> Response[Any]:
    """The address nearest to a point chosen on the map, in degrees; none rather than an error."""
    finder = visit_of(request).house.connections.get("addresses")
    if finder is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return _answer([])
    # Ten metres: as near as a house, and what is asked twice is asked once.
    here = round(latitude, 4), round(longitude, 4)
    return await _once(request, f"{here[0]}\n{here[1]}", lambda: finder.nearest(*here))


async def _once(request: AnyRequest, question: str, ask: Ask) -> Response[Any]:
    """What was answered within a week, else what the base answers now."""
    visit = visit_of(request)
    key = f"addresses:{hashlib.sha256(question.encode('utf-8', 'replace')).hexdigest()}"
    if (kept := await visit.house.cache.get(key)) is not None:
        return _answer(msgspec.json.decode(kept))
    await visit.house.throttle.count(throttle.ADDRESSES_ADDRESS, address_of(request), visit.now)
    found = await ask()
    if found is None:
        return _answer([])
    await visit.house.cache.put(key, msgspec.json.encode(found), WEEK)
    return _answer(found)


async def search_path(visit: Visit) -> str:
    """Where a page's script may ask for addresses; "" when the town has nobody to ask. Looked up once a minute."""
    finder = visit.house.connections.get("addresses")
    if finder is None:
        return ""
    if (kept := await visit.house.cache.get("addresses")) is None:
        kept = b"1" if await finder.is_there() else b"0"
        await visit.house.cache.put("addresses", kept, MINUTE)
    return PATH if kept == b"1" else ""


def _answer(places: list[dict[str, Any]]) -> Response[Any]:
    return Response({"places": places}, headers={"cache-control": "private, max-age=600"})


HANDLERS = [propose, nearest]
