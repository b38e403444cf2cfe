"""The forms in a real browser: accessible in every state, wide and narrow, light and dark; the script works."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.forms.gallery import ROOT, main, pages
from web.pages.maps import policy

pytestmark = pytest.mark.browser
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = [("phone", 360, "light"), ("desktop", 1280, "dark")]
GALLERY = [*pages("fr"), *pages("en")]
DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Tiles(BaseHTTPRequestHandler):
    """A server of map images of somebody else's, that counts what it is asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """The same image everywhere."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(DOT)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Town(SimpleHTTPRequestHandler):
    """Serves the gallery under the policy of citizen pages; keeps drafts and files like the web floor does."""

    tiles: ClassVar[str] = ""

    def end_headers(self) -> None:
        """Every answer has the policy."""
        self.send_header("Content-Security-Policy", policy(self.tiles))
        super().end_headers()

    def do_POST(self) -> None:
        """A draft, or a file."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/brouillon" else 201)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"id": "42", "name": "plan.pdf"}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the gallery is served, with maps whose images another server has."""
    folder = tmp_path_factory.mktemp("gallery")
    tiles = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=tiles.serve_forever, daemon=True).start()
    Town.tiles = f"http://127.0.0.1:{tiles.server_port}"
    main(folder, tiles=Town.tiles + "/{z}/{x}/{y}.png")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Town, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    tiles.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        found = Path("/usr/bin/chromium")
        options: dict[str, Any] = {"executable_path": str(found)} if found.exists() else {}
        browser = playwright.chromium.launch(args=["--no-sandbox"], **options)
        yield browser
        browser.close()


def opened(chromium: Browser, url: str, **options: Any) -> tuple[Page, list[str]]:
    """A page, with the list its console writes errors to."""
    page = chromium.new_context(**options).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page, complaints


@pytest.mark.parametrize(("screen", "width", "scheme"), SCREENS)
def test_every_state_is_accessible_and_fits(
    chromium: Browser, address: str, screen: str, width: int, scheme: Any
) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    page, found = opened(chromium, f"{address}/1-empty-fr.html", **options)

    for name in pages("fr"):
        page.goto(f"{address}/{name}.html")
        page.evaluate(AXE.read_text())
        result: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
        found += [f"{screen} {name} {each['id']} {each['nodes'][0]['html']}" for each in result["violations"]]

    assert found == []


def test_no_page_is_wider_than_the_smallest_screen(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, address, viewport={"width": 320, "height": 900})
    wide: list[str] = []

    for name in GALLERY:
        page.goto(f"{address}/{name}.html")
        wide += [name] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []

    assert wide == []


def test_forced_colours_are_accessible(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/2-errors-fr.html", forced_colors="active")

    page.evaluate(AXE.read_text())

    # Chromium computes the author's colour of text although it paints the system's: contrast cannot be measured here.
    result: Any = page.evaluate("axe.run({rules: {'color-contrast': {enabled: false}}})")
    assert result["violations"] == []


def test_a_question_appears_when_the_choice_asks_for_it(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html")
    siret = page.get_by_label("Numéro SIRET")

    before = siret.is_visible()
    page.get_by_label("Une entreprise").check()
    during = siret.is_visible()
    page.get_by_label("Un particulier").check()

    assert (before, during, siret.is_visible()) == (False, True, False)


def test_without_scripts_every_question_is_there(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html", java_script_enabled=False)

    assert page.get_by_label("Numéro SIRET").is_visible()


def test_the_summary_takes_the_focus_and_leads_into_the_field(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-errors-fr.html")

    first = page.evaluate("document.activeElement.className")
    page.get_by_role("link", name="Date de l’événement").press("Enter")

    assert first == "error-summary"
    assert page.evaluate("document.activeElement.id") == "f-when"


def test_the_draft_is_saved_while_typing_and_the_page_says_so(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html")

    page.get_by_label("Nom de l’événement").fill("Fête")

    page.get_by_text("Brouillon enregistré à").wait_for(timeout=8000)


def test_a_draft_that_cannot_be_saved_is_said_too(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html")
    page.route("**/brouillon", lambda route: route.abort())

    page.get_by_label("Nom de l’événement").fill("Fête")

    page.get_by_text("Votre brouillon n’a pas pu être enregistré").wait_for(timeout=8000)


def test_a_file_is_sent_as_soon_as_it_is_chosen(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/3-empty-fr.html")

    page.get_by_label("Ajouter un fichier").set_input_files(
        {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )

    page.get_by_text("plan.pdf : ajouté").wait_for()
    assert page.locator("input[name='/photos#id']").get_attribute("value") == "42"


def test_the_position_of_the_person_fills_the_place(chromium: Browser, address: str) -> None:
    page, _ = opened(
        chromium,
        f"{address}/2-empty-fr.html",
        permissions=["geolocation"],
        geolocation={"latitude": 47.8625, "longitude": 2.1},
    )

    page.get_by_role("button", name="Utiliser ma position").click()

    page.get_by_text("Votre position a été ajoutée.").wait_for()
    assert page.locator("[name='/place/latitude']").input_value() == "47,862500"


def test_the_script_is_small() -> None:
    script = (ROOT / "web" / "static" / "form.js").read_text()

    assert len(script.encode()) < 8_000


def test_a_long_choice_is_searched_with_the_keyboard_alone(chromium: Browser, address: str) -> None:
    page, complaints = opened(chromium, f"{address}/1-empty-fr.html")
    field = page.get_by_role("combobox", name="Quartier")

    field.focus()
    page.keyboard.type("quart")
    page.get_by_role("option", name="Quartier 1").wait_for()
    page.evaluate(AXE.read_text())
    violations: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)

    assert field.input_value() == "Quartier 2"
    assert page.locator("select[name='/district']").evaluate("(list) => list.value") == "q2"
    assert field.get_attribute("aria-expanded") == "false"
    assert violations["violations"] == []
    assert complaints == []


def test_what_is_no_choice_gives_place_to_the_last_one(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html")
    field = page.get_by_role("combobox", name="Quartier")

    field.fill("quartier 3")
    field.blur()
    chosen = field.input_value()
    field.fill("ailleurs")
    page.get_by_text("Aucune réponse ne correspond").wait_for()
    field.blur()

    assert (chosen, field.input_value()) == ("Quartier 3", "Quartier 3")


def test_without_scripts_a_long_choice_is_a_list(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/1-empty-fr.html", java_script_enabled=False)

    page.get_by_label("Quartier").select_option("Quartier 4")

    assert page.get_by_label("Quartier").input_value() == "q4"


PLACE = {
    "label": "12 Rue des Tanneurs 45110 Saint-Martin-sur-Loire",
    "lines": "12 Rue des Tanneurs",
    "postcode": "45110",
    "town": "Saint-Martin-sur-Loire",
    "latitude": 47.86,
    "longitude": 2.1,
}


def test_a_proposed_address_fills_fields_that_stay_open(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/2-empty-fr.html", viewport={"width": 320, "height": 900})
    page.route("**/adresses?*", lambda route: route.fulfill(json={"places": [PLACE]}))

    page.get_by_label("Rechercher l’adresse").first.fill("12 rue des tanneurs")
    page.get_by_role("option").click()

    assert page.get_by_label("Code postal").input_value() == "45110"
    assert page.get_by_label("Numéro et rue").input_value() == "12 Rue des Tanneurs"
    assert page.get_by_label("Numéro et rue").is_editable()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_address_base_that_is_away_stops_nobody(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/2-empty-fr.html")
    page.route("**/adresses?*", lambda route: route.abort())

    page.get_by_label("Rechercher l’adresse").first.fill("chemin neuf")
    page.get_by_text("Aucune adresse ne correspond").first.wait_for()
    page.get_by_label("Numéro et rue").fill("Chemin neuf, sans numéro")

    assert page.get_by_label("Numéro et rue").input_value() == "Chemin neuf, sans numéro"


def with_map(chromium: Browser, address: str, **options: Any) -> tuple[Page, list[str]]:
    """The page of the place, its map shown."""
    page, complaints = opened(chromium, f"{address}/2-empty-fr.html", **options)
    page.route("**/adresses/proche?*", lambda route: route.fulfill(json={"places": [PLACE]}))
    page.get_by_role("button", name="Montrer la carte").click()
    page.locator(".map img.leaflet-tile-loaded").first.wait_for()
    return page, complaints


def position(page: Page) -> list[float]:
    """The coordinates that would be sent."""
    return [
        float(page.locator(f"[name='/place/{end}']").input_value().replace(",", "."))
        for end in ("latitude", "longitude")
    ]


def test_nobody_is_asked_for_a_map_before_somebody_opens_it(chromium: Browser, address: str) -> None:
    page, complaints = opened(chromium, f"{address}/2-empty-fr.html")
    page.wait_for_load_state("networkidle")
    before = list(Tiles.asked), page.locator("link[href*=place], script[src*=place]").count()

    page.get_by_role("button", name="Montrer la carte").click()
    page.locator(".map img.leaflet-tile-loaded").first.wait_for()

    assert before == ([], 0) and Tiles.asked
    assert page.get_by_text("© Ville de Saint-Martin-sur-Loire").is_visible()
    assert complaints == []


def test_a_click_on_the_map_gives_the_position_and_proposes_the_address(chromium: Browser, address: str) -> None:
    page, complaints = with_map(chromium, address)

    page.locator(".map").click(position={"x": 40, "y": 60})
    page.get_by_role("button", name="Reprendre cette adresse : 12 Rue des Tanneurs").click()
    chosen = position(page)
    page.locator(".map-pin").scroll_into_view_if_needed()
    box = page.locator(".map-pin").bounding_box()
    assert box
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 94, box["y"] + 14, steps=4)
    page.mouse.up()

    assert page.locator("[name='/place/address']").input_value() == PLACE["label"]
    assert abs(chosen[0] - 47.86) < 0.05 and abs(chosen[1] - 2.1) < 0.05
    assert position(page)[1] > chosen[1]
    assert complaints == []


def test_the_keyboard_alone_places_the_mark_and_takes_it_back(chromium: Browser, address: str) -> None:
    page, _ = with_map(chromium, address)
    assert page.evaluate("document.activeElement.className").startswith("map")

    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    placed = position(page)
    page.get_by_role("button", name="Retirer la position").press("Enter")

    assert placed[0] > 47.86
    assert page.locator("[name='/place/latitude']").input_value() == ""
    assert not page.locator(".map-pin").is_visible()


def test_the_mark_follows_coordinates_that_are_typed(chromium: Browser, address: str) -> None:
    page, _ = with_map(chromium, address)

    page.get_by_text("Position exacte (facultatif)").click()
    page.get_by_label("Latitude").fill("47,8701")
    page.get_by_label("Longitude").fill("2,2")

    page.locator(".map-pin").wait_for()
    assert position(page) == [47.8701, 2.2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_map_is_accessible_and_fits_the_smallest_screen(chromium: Browser, address: str, scheme: Any) -> None:
    page, complaints = with_map(chromium, address, viewport={"width": 320, "height": 900}, color_scheme=scheme)
    page.locator(".map").press("Enter")

    page.evaluate(AXE.read_text())
    result: Any = page.evaluate("axe.run({resultTypes: ['violations']})")

    assert [each["id"] for each in result["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


def test_a_map_that_cannot_be_shown_says_that_the_address_is_enough(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/2-empty-fr.html")
    page.route("**/built/place-*.js", lambda route: route.abort())

    page.get_by_role("button", name="Montrer la carte").click()

    page.get_by_text("La carte n’a pas pu être affichée. L’adresse suffit.").wait_for()


def test_without_scripts_no_map_is_offered(chromium: Browser, address: str) -> None:
    page, _ = opened(chromium, f"{address}/2-empty-fr.html", java_script_enabled=False)

    assert not page.get_by_text("Montrer la carte").is_visible()
    assert page.get_by_label("Adresse ou description du lieu").is_visible()
