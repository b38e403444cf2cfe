"""Gallery: every component of forms in every state, as one HTML file, to look at and to run axe-core on.

`python -m tests.forms.gallery DIR` writes gallery.html and its assets there.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from forms import check, page_view, read, review
from tests.forms.samples import NOW, SLOTS, every_kind

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "web" / "static" / "built"
ANSWERS: dict[str, Any] = {
    "name": "Fête du quartier",
    "story": "Repas partagé.\nJeux pour les enfants.",
    "people": 80,
    "surface": 1250.5,
    "fee": 12.5,
    "attending": True,
    "kind": "company",
    "siret": "21340001700014",
    "equipment": ["tables"],
    "when": "2026-12-01",
    "slot": "b",
    "email": "claire.dubois@exemple.fr",
    "phone": "+33612345678",
    "address": {"lines": "12 rue des Tanneurs\nBâtiment B", "postcode": "45110", "town": "Saint-Martin-sur-Loire"},
    "place": {"address": "Square du Port", "latitude": 47.86},
    "photos": [{"id": "1", "name": "plan-du-square.pdf"}],
    "vehicles": [{"plate": "AB-123-CD", "long": False}],
    "total": 1250,
    "visit": "2026-12-01T14:30:00+01:00",
    "opening": "14:30:00+01:00",
}
BAD = [
    ("/name", ""),
    ("/people", "beaucoup"),
    ("/fee", "1,234"),
    ("/kind", ""),
    ("/attending", ""),
    ("/when#day", "31"),
    ("/when#month", "février"),
    ("/when#year", "2027"),
    ("/slot", ""),
    ("/slot", "z"),
    ("/email", "claire"),
    ("/phone", "12"),
    ("/address/postcode", "4511"),
    ("/place/address", ""),
    ("/vehicles", ""),
    ("/vehicles/0", ""),
    ("/vehicles/0/plate", "1"),
    ("/photos", ""),
    ("/visit", "demain"),
    ("/opening", "25:61"),
    ("/agreed", ""),
    ("/signed", ""),
    ("/district", ""),
    ("/equipment", ""),
]


def environment(language: str) -> Environment:
    """Jinja with the templates of forms and their words."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "web" / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = read_po((ROOT / "locale/fr/LC_MESSAGES/forms.po").open("rb"))
    words: dict[Any, Any] = {m.id: m.string for m in catalogue if m.id} if language == "fr" else {}
    plurals = {ids[0]: strings for ids, strings in words.items() if isinstance(ids, tuple)}

    def ngettext(one: str, many: str, number: int) -> str:
        forms = plurals.get(one, (one, many))
        return forms[0 if number == 1 or (language == "fr" and number == 0) else 1]

    environment.install_gettext_callables(lambda text: words.get(text, text), ngettext, newstyle=True)  # pyright: ignore
    return environment


PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery</title><link rel="stylesheet" href="parvis.css"><link rel="stylesheet" href="form.css">
<link rel="icon" href="icon.svg">
<script src="form.js" defer></script><script type="module" src="search.js"></script></head><body><main class="page">
{% from "form/page.html" import form_page with context %}{% from "form/review.html" import review_list with context %}
{% if view %}
{% call form_page(view, action="/envoyer", autosave="/brouillon", upload="/pieces", addresses="/adresses") %}
<button class="button" name="do" value="continue">Continuer</button>{% endcall %}
{% else %}<h1>Vos réponses</h1>
{{ review_list(sections, {"votre-evenement": "/1", "vos-coordonnees": "/2"}) }}{% endif %}
</main></body></html>"""


def town_map(tiles: str) -> dict[str, str]:
    """A map as `web.pages.maps` gives it to templates."""
    built = {name: "built/" + next(BUILT.glob(f"place-*.{name}")).name for name in ("js", "css")}
    drawing = json.dumps({"tiles": tiles, "centre": [47.86, 2.1], "zoom": 14, "deepest": 19})
    credit = "© Ville de Saint-Martin-sur-Loire, https://saint-martin-sur-loire.example/carte"
    return {
        "drawing": drawing,
        "attribution": credit,
        "host": "tuiles.saint-martin-sur-loire.example",
        "script": f"./{built['js']}",
        "style": built["css"],
        "nearest": "/adresses/proche",
    }


def pages(language: Any, tiles: str = "/tuiles/{z}/{x}/{y}.png") -> dict[str, str]:
    """The gallery's pages by name, with a map whose images come from `tiles`."""
    form, drawing = every_kind(), environment(language)
    drawing.globals["town_map"] = town_map(tiles)
    drawing.globals["addresses"] = "/adresses"
    drawn = drawing.from_string(PAGE)
    made: dict[str, str] = {}
    for number, page in enumerate(form.pages, start=1):
        empty = page_view(form, page, {}, now=NOW, language=language, sources=SLOTS)
        full = page_view(form, page, ANSWERS, now=NOW, language=language, sources=SLOTS)
        reading = read(form, page, BAD, ANSWERS, language=language)
        problems = check(form, reading, page=page, now=NOW, language=language, sources=SLOTS)
        wrong = page_view(
            form,
            page,
            reading.answers,
            now=NOW,
            language=language,
            typed=reading.typed,
            problems=problems,
            sources=SLOTS,
        )
        for state, view in (("empty", empty), ("full", full), ("errors", wrong)):
            made[f"{number}-{state}-{language}"] = drawn.render(view=view, language=language)
    made[f"review-{language}"] = drawn.render(view=None, sections=review(form, ANSWERS, language), language=language)
    return made


def main(folder: Path, **options: str) -> None:
    """Write the gallery into a folder."""
    shutil.copytree(BUILT, folder / "built", dirs_exist_ok=True)
    for name, html in {**pages("fr", **options), **pages("en", **options)}.items():
        (folder / f"{name}.html").write_text(html)
    for asset in ("parvis.css", "form.css", "form.js", "search.js", "icon.svg"):
        shutil.copy(ROOT / "web" / "static" / asset, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
