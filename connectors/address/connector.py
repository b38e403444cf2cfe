"""Address: an address as people write it → the national base's entry, with its place on the map (GeoJSON answers of
the public geocoder, RFC 7946: longitude first)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connectors.calling import address_of, judge
from connectors.errors import AnswerGarbled
from connectors.inputs import text_of
from connectors.trying import knock
from engine.connector import BusinessError, Checked, Connection, Job, JobOutcome, Preview, Tools

LEAST_SCORE = 0.5
KEPT = {
    "label": "label",
    "number": "housenumber",
    "street": "street",
    "postcode": "postcode",
    "city": "city",
    "insee": "citycode",
    "id": "id",
    "type": "type",
}


class AddressConnector:
    """Job type `parvis:address`."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Look up. Business errors `ADDRESS_UNKNOWN` (nothing found, or nothing likely), `ADDRESS_OUTSIDE` (another
        town than the connection's `citycodes`)."""
        connection = await self.tools.connection(job)
        reply = await self.tools.request(connection, "GET", self._url(job, connection))
        judge(reply, job)
        found = best_of(reply.json(), float(text_of(job, "score", str(LEAST_SCORE))))
        if found is None:
            raise BusinessError("ADDRESS_UNKNOWN", "The address base knows no such address.")
        codes = [each.strip() for each in connection.text("citycodes").split(",") if each.strip()]
        if codes and found["insee"] not in codes:
            raise BusinessError("ADDRESS_OUTSIDE", "This address is in another town.", {"address": found})
        return JobOutcome(variables={"address": found})

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Look up the town hall."""
        query = urlencode({"q": connection.text("test_query", "mairie"), "limit": 1})
        return await knock(self.tools, connection, f"{address_of(connection, 'search')}?{query}", {})

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The question that would be asked."""
        return Preview(lines=(("Appel", f"GET {self._url(job, await self.tools.connection(job))}"),))

    def _url(self, job: Job, connection: Connection) -> str:
        asked: dict[str, Any] = {"q": text_of(job, "query")[:200], "limit": 5}
        if postcode := text_of(job, "postcode", ""):
            asked["postcode"] = postcode
        return f"{address_of(connection, 'search')}?{urlencode(asked)}"


def best_of(answer: Any, least: float) -> dict[str, Any] | None:
    """The likeliest place of an answer, if it is likely enough. Raises `AnswerGarbled`."""
    try:
        places = [(float(each["properties"]["score"]), each) for each in answer["features"]]
        likely = [each for each in places if each[0] >= least]
        if not likely:
            return None
        score, place = max(likely, key=lambda each: each[0])
        longitude, latitude = (float(each) for each in place["geometry"]["coordinates"][:2])
        known = {ours: place["properties"].get(theirs) or "" for ours, theirs in KEPT.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerGarbled() from error
    return {**known, "longitude": longitude, "latitude": latitude, "score": score}
