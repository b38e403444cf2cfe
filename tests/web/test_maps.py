"""A map beside a question of place: only where the town has set one up, and permitted on that page alone."""

import msgspec
import pytest

from server.settings import TownMap
from tests.web.test_apply import begin, town  # noqa: F401
from web.pages.house import open_house

TILES = TownMap(tiles="https://tuiles.example:8443/{z}/{x}/{y}.png", attribution="© la Ville <b>", centre=(47.4, 0.7))


async def place(browser):
    """The page that asks where the problem is."""
    first = await begin(browser)
    return await browser.open(str(first.url).rpartition("/")[0] + "/le-lieu")


@pytest.mark.usefixtures("town")
async def test_a_town_without_a_map_offers_none_and_allows_nothing_more(browser):
    shown = await place(browser)

    assert "data-place" in shown.text and "data-map" not in shown.text
    assert "img-src 'self' data: blob:" in shown.headers["content-security-policy"]


@pytest.mark.usefixtures("town")
async def test_a_map_is_offered_with_its_makers_and_its_images_alone_are_allowed(browser, application, settings, clock):
    with_map = msgspec.structs.replace(settings, map=TILES)
    application.state["house"] = open_house(with_map, None, clock)

    shown = await place(browser)
    elsewhere = await browser.open("/contact")

    assert "Montrer la carte" in shown.text and "© la Ville &lt;b&gt;" in shown.text
    policy = shown.headers["content-security-policy"]
    assert "img-src 'self' https://tuiles.example:8443 data: blob:" in policy and "default-src 'self'" in policy
    assert "tuiles.example" not in elsewhere.headers["content-security-policy"]
