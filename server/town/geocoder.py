"""Geocoder: the address base of the demo town, on a local port: the questions and answers (GeoJSON, RFC 7946) of the
public geocoder's `search` and `reverse`, over recorded places of a town that does not exist. Used by the demo and by
tests; never asks anybody."""

import json
import threading
import unicodedata
from difflib import SequenceMatcher
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLACES = Path(__file__).parent / "addresses.geojson"
LEAST, SHORTEST, LONGEST, MOST = 0.4, 3, 200, 20
LICENCE = {"attribution": "Saint-Martin-sur-Loire", "licence": "invented"}


class Geocoder:
    """`with Geocoder() as geocoder`: it answers at `geocoder.url` until the block ends, in a thread of its own."""

    def __init__(self, places: Path = PLACES) -> None:
        self.features: list[dict[str, Any]] = json.loads(places.read_text("utf-8"))["features"]
        self._words = [(_words(each["properties"]["label"]), each) for each in self.features]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="geocoder", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Geocoder":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def search(self, query: str, *, limit: int = 5, postcode: str = "") -> list[dict[str, Any]]:
        """The places that resemble the text, the likeliest first, each with its `score` from 0 to 1."""
        asked = _words(query)
        scored = [
            (_resemblance(asked, words), each)
            for words, each in self._words
            if not postcode or each["properties"]["postcode"] == postcode
        ]
        likely = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: -pair[0])
        return [_with(each, score=round(score, 4)) for score, each in likely[:limit]]

    def nearest(self, longitude: float, latitude: float) -> list[dict[str, Any]]:
        """The nearest house."""

        def distance(feature: dict[str, Any]) -> float:
            lon, lat = feature["geometry"]["coordinates"]
            return (lon - longitude) ** 2 + (lat - latitude) ** 2

        houses = [each for each in self.features if each["properties"]["type"] == "housenumber"]
        return [_with(min(houses, key=distance), score=1.0)]


def _answering(geocoder: Geocoder) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            given = {name: said[0] for name, said in parse_qs(asked.query).items()}
            status, body = _answer(geocoder, asked.path.rstrip("/"), given)
            content = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: addresses of people are not for logs."""

    return Answering


def _answer(geocoder: Geocoder, path: str, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
    try:
        limit = min(max(int(given.get("limit", "5")), 1), MOST)
        if path.endswith("/search"):
            query = given.get("q", "").strip()
            if not SHORTEST <= len(query) <= LONGEST:
                return 400, {"code": 400, "message": "q: must contain between 3 and 200 chars"}
            return 200, _collection(geocoder.search(query, limit=limit, postcode=given.get("postcode", "")), query)
        if path.endswith("/reverse"):
            return 200, _collection(geocoder.nearest(float(given["lon"]), float(given["lat"])), "")
    except (KeyError, ValueError):
        return 400, {"code": 400, "message": "a parameter is missing or is no number"}
    return 404, {"code": 404, "message": "not found"}


def _collection(features: list[dict[str, Any]], query: str) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features, "query": query, **LICENCE}


def _with(feature: dict[str, Any], *, score: float) -> dict[str, Any]:
    return {**feature, "properties": {**feature["properties"], "score": score}}


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "".join(sign if sign.isalnum() else " " for sign in plain).split()


def _resemblance(asked: list[str], words: list[str]) -> float:
    """The share of the asked words that are there (their beginnings count, small errors a little less), numbers
    exactly; and how much of the place was said."""
    if not asked:
        return 0.0
    found = sum(_best(word, words) for word in asked) / len(asked)
    # A house nobody named is less likely than its street.
    if words[0].isdigit() and words[0] not in asked:
        found *= 0.9
    return found * (0.9 + 0.1 * SequenceMatcher(None, " ".join(asked), " ".join(words)).ratio())


def _best(word: str, words: list[str]) -> float:
    if word in words:
        return 1.0
    if word.isdigit():
        return 0.0
    if any(each.startswith(word) for each in words):
        return 0.9
    return max((ratio for each in words if (ratio := SequenceMatcher(None, word, each).ratio()) > 0.8), default=0.0)
