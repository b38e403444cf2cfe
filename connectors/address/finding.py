"""Finding: what the national base proposes while somebody types an address. Asks the town's usual connection; proposes
nothing when there is none, or when it does not answer: people may always type an address that no base knows."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from connectors import connections
from connectors.address.connector import KEPT
from connectors.calling import address_of
from connectors.errors import ConnectorError
from connectors.toolbox import Toolbox
from engine.connector import Connection

JOB_TYPE = "parvis:address"
LONGEST_QUERY, MOST, SECONDS = 200, 6, 3.0


class AddressFinder:
    """Proposes addresses through the connection of this kind."""

    def __init__(self, tools: Toolbox) -> None:
        self.tools = tools

    async def is_there(self) -> bool:
        """Whether the town has a connection to ask."""
        try:
            return bool(await self._connection())
        except ConnectorError:
            return False

    async def find(self, query: str) -> list[dict[str, Any]] | None:
        """Places (`label`, `lines`, `postcode`, `town`, `latitude`, `longitude` in degrees), the likeliest first; None
        when nobody could be asked."""
        return await self._ask("search", {"q": query[:LONGEST_QUERY], "limit": MOST, "autocomplete": 1})

    async def nearest(self, latitude: float, longitude: float) -> list[dict[str, Any]] | None:
        """The addresses nearest to a point, in degrees, as `find` gives them."""
        return await self._ask("reverse", {"lat": latitude, "lon": longitude, "limit": 1})

    async def _ask(self, question: str, asked: dict[str, Any]) -> list[dict[str, Any]] | None:
        try:
            async with asyncio.timeout(SECONDS):
                connection = await self._connection()
                url = f"{address_of(connection, question)}?{urlencode(asked)}"
                reply = await self.tools.request(connection, "GET", url)
            return places_of(reply.json()) if reply.status == 200 else None
        except (ConnectorError, TimeoutError):
            return None

    async def _connection(self) -> Connection:
        template = self.tools.catalogue().of_type(JOB_TYPE)
        assert template is not None and template.connection is not None
        usual = template.connection.default
        slug = await connections.default_of(template.kind, usual) or usual or template.kind
        return await self.tools.opened(slug, template.kind)


def places_of(answer: Any) -> list[dict[str, Any]]:
    """The places of an answer (GeoJSON, RFC 7946: longitude first); what is not as expected is left out."""
    found: list[dict[str, Any]] = []
    features = answer.get("features") if isinstance(answer, dict) else None
    for each in features[:MOST] if isinstance(features, list) else []:
        try:
            longitude, latitude = (float(number) for number in each["geometry"]["coordinates"][:2])
            known = {ours: str(each["properties"].get(theirs) or "")[:200] for ours, theirs in KEPT.items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        lines = f"{known['number']} {known['street']}".strip() or known["label"]
        place = {"label": known["label"], "lines": lines, "postcode": known["postcode"], "town": known["city"]}
        found.append({**place, "latitude": latitude, "longitude": longitude})
    return found
