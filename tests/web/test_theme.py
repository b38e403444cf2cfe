"""A town's colour: whatever it chooses, words can be read; its logo is drawn and nothing more."""

import re
from types import SimpleNamespace

import msgspec
import pytest

from web.pages import theme
from web.pages.theme import open_theme, stylesheet

WRITTEN = re.compile(r"--accent(?:-strong)?: oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")


@pytest.mark.parametrize("chroma", [0, 0.05, 0.115, 0.25])
@pytest.mark.parametrize("hue", range(0, 361, 30))
def test_words_in_the_colour_and_on_it_can_be_read_in_both_schemes(hue: int, chroma: float) -> None:
    found = [tuple(map(float, each)) for each in WRITTEN.findall(stylesheet(hue, chroma))]

    light, light_strong, dark, dark_strong = [(one / 100, two, three) for one, two, three in found]

    assert all(theme.contrast(*each, ground=0.955) >= 4.5 for each in (light, light_strong))
    assert all(theme.contrast(*each, ground=0.29) >= 4.5 for each in (dark, dark_strong))
    assert theme.contrast(*light, ground=0.99) >= 4.5
    assert theme.contrast(*dark, ground=0.19) >= 4.5


def test_a_colour_no_screen_can_show_is_made_duller_never_another_hue() -> None:
    ((_, chroma, hue), *_) = WRITTEN.findall(stylesheet(145, 0.25))

    assert float(chroma) < 0.25
    assert float(hue) == 145


def test_a_town_that_keeps_our_colour_sends_no_second_stylesheet() -> None:
    kept = open_theme(SimpleNamespace(hue=252, chroma=0.115, logo=None))

    assert (kept.css_address, kept.logo_address) == ("", "")


async def test_pages_wear_the_colour_and_the_logo_of_their_town(browser, application, tmp_path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    house = application.state["house"]
    themed = open_theme(SimpleNamespace(hue=145, chroma=0.1, logo=logo))
    application.state["house"] = msgspec.structs.replace(house, theme=themed)

    page = await browser.open("/connexion")
    css = await browser.open(themed.css_address)
    drawn = await browser.open(themed.logo_address)

    assert themed.css_address in page.text
    assert themed.logo_address in page.text
    assert "--accent-hue: 145" in css.text
    assert "immutable" in css.headers["cache-control"]
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawn.headers["content-security-policy"]


async def test_a_town_without_a_logo_has_none_to_serve(browser) -> None:
    answer = await browser.open("/theme/logo")

    assert answer.status_code == 404
