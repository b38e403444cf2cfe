"""Addresses: what the national base proposes while somebody types, through us: their address and ours stay apart, and
answers are kept a week. Never decides whether an address is right."""

import hashlib
import unicodedata
from typing import Any

import msgspec
from litestar import Response, get

from accounts import throttle
from web.pages import guards
from web.pages.layout import AnyRequest
from web.pages.signing_in import address_of
from web.pages.visit import Visit, visit_of

PATH = "/adresses"
LEAST, WEEK, MINUTE = 4, 7 * 86_400, 60


@get(PATH, guards=[guards.anyone])
async def propose(request: AnyRequest, q: str = "") -> Response[Any]:
    """The places that the typed text may mean, for the page's script; none rather than an error."""
    visit, asked = visit_of(request), " ".join(unicodedata.normalize("NFC", q).lower().split())[:200]
    finder = visit.house.connections.get("addresses")
    if finder is None or len(asked) < LEAST:
        return _answer([])
    key = f"addresses:{hashlib.sha256(asked.encode('utf-8', 'replace')).hexdigest()}"
    if (kept := await visit.house.cache.get(key)) is not None:
        return _answer(msgspec.json.decode(kept))
    await visit.house.throttle.count(throttle.ADDRESSES_ADDRESS, address_of(request), visit.now)
    found = await finder.find(asked)
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


HANDLERS = [propose]
