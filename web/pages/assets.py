"""Assets: the addresses of built scripts and styles, which the build names by their content."""

import json
from functools import cache

from web.pages.templates import STATIC

MANIFEST = STATIC / "built" / "manifest.json"


def built(name: str) -> str:
    """The address of an entry (`modeler.js`, `rules.css`, …); empty when the assets were never built."""
    file = _manifest().get(name)
    return f"/static/built/{file}" if file else ""


@cache
def _manifest() -> dict[str, str]:
    return json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else {}
