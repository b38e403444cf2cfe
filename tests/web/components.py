"""Components: every component of the design system in all its states, as one page to look at.

`python -m tests.web.components` writes docs/design-system/index.html; it draws our own templates and stylesheets, so
the page shows what people get. See docs/design-system.md for when to use which.
"""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from forms import check, page_view, read
from tests.forms.gallery import ANSWERS, BAD
from tests.forms.samples import NOW, SLOTS, every_kind
from web.pages import language, templates
from web.pages.theme import Theme

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "design-system" / "index.html"
TEMPLATE = Path(__file__).with_name("components.html")


def draw() -> str:
    """The page, in French as citizens read it first."""
    marker = language.speak("fr")
    try:
        return templates.environment().from_string(TEMPLATE.read_text("utf-8")).render(**context())
    finally:
        language.hush(marker)


def context() -> dict[str, Any]:
    """What the specimens show."""
    town = SimpleNamespace(
        name="Saint-Martin-sur-Loire",
        address="1 place de la Mairie, 49000 Saint-Martin-sur-Loire",
        phone="02 41 00 00 00",
        email="mairie@saint-martin-sur-loire.example",
        hours="du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h",
        hours_en="Monday to Friday, 8.30 am to noon and 1.30 pm to 5 pm",
    )
    return {
        "house": SimpleNamespace(town=town, theme=Theme(), timezone=ZoneInfo("Europe/Paris")),
        "town": town,
        "language": "fr",
        "now": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        "views": form_views(),
        "map": {
            "host": "tuiles.saint-martin-sur-loire.example",
            "attribution": "© Ville de Saint-Martin-sur-Loire",
            "drawing": "",
            "script": "",
            "style": "",
        },
    }


def form_views() -> dict[str, list[Any]]:
    """Every kind of question: to fill in, filled in, and refused."""
    form, drawn = every_kind(), {"empty": [], "full": [], "errors": []}
    for page in form.pages:
        common: dict[str, Any] = {"now": NOW, "language": "fr", "sources": SLOTS}
        reading = read(form, page, BAD, ANSWERS, language="fr")
        problems = check(form, reading, page=page, **common)
        drawn["empty"].append(page_view(form, page, {}, **common))
        drawn["full"].append(page_view(form, page, ANSWERS, **common))
        drawn["errors"].append(page_view(form, page, reading.answers, typed=reading.typed, problems=problems, **common))
    return drawn


if __name__ == "__main__":
    PAGE.write_text(draw(), "utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {PAGE.stat().st_size // 1000} kB")
