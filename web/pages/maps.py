"""Maps: what a page is given so that a question of place may offer the town's map, and the permission its images need.

Only when the town has set up a server of images (`PARVIS_MAP_TILES`); a page without a map permits nothing more.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from litestar import Response

from web.pages.addresses import NEAREST_PATH
from web.pages.assets import built
from web.pages.visit import SAFETY_HEADERS, Visit

POLICY = dict(SAFETY_HEADERS)[b"content-security-policy"].decode()


def offered(visit: Visit) -> dict[str, Any] | None:
    """What the template and the script need to draw the town's map; none when there is no map to draw."""
    town, script = visit.house.map, built("place.js")
    if town is None or not town.tiles or not script:
        return None
    drawing = {"tiles": town.tiles, "centre": town.centre, "zoom": town.zoom, "deepest": town.deepest}
    return {
        "drawing": json.dumps(drawing),
        "attribution": town.attribution,
        "origin": "{0.scheme}://{0.netloc}".format(urlsplit(town.tiles)),
        "host": urlsplit(town.tiles).hostname,
        "script": script,
        "style": built("place.css"),
        "nearest": NEAREST_PATH,
    }


def allowed(drawn: Response[Any], town_map: dict[str, Any] | None) -> Response[Any]:
    """The page, which may show images of the map's server when it has the map, and of nobody else."""
    if town_map is not None:
        drawn.headers["content-security-policy"] = policy(town_map["origin"])
    return drawn


def policy(origin: str) -> str:
    """The policy of every page, with images of `origin`."""
    return POLICY.replace("img-src 'self'", f"img-src 'self' {origin}")
