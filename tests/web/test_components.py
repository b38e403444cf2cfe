"""The design system's page shows every component there is, and names none that is gone."""

import re
from pathlib import Path

from tests.web.components import PAGE, draw

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs" / "design-system.md").read_text("utf-8")
SHEETS = ("parvis.css", "form.css", "admin.css")
STYLES = "".join((ROOT / "web" / "static" / name).read_text("utf-8") for name in SHEETS)


def sections(html: str) -> list[str]:
    """The parts of the page, by what their headings link to."""
    return re.findall(r'<section class="shown" id="([\w-]+)"', html)


def test_the_page_is_drawn_with_every_part_once() -> None:
    html = draw()

    ids = re.findall(r'\bid="([^"]+)"', html)

    assert len(sections(html)) >= 12
    assert sorted(ids) == sorted(set(ids))


def test_the_page_in_the_documents_has_the_parts_of_today() -> None:
    kept = PAGE.read_text("utf-8")

    assert sections(kept) == sections(draw()), "Run: .venv/bin/python -m tests.web.components"


def test_every_class_the_page_of_words_names_exists() -> None:
    named = set(re.findall(r"`\.([a-z_-]+)`", TOLD))

    assert named
    assert {name for name in named if f".{name}" not in STYLES} == set()
