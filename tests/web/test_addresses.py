"""The address base is asked through us, its answers are kept, and nobody waits for it or is stopped by it."""

from connectors.address.finding import places_of
from web.pages.addresses import search_path
from web.pages.house import open_house
from web.pages.visit import Visit

ANSWER = {
    "features": [
        {
            "geometry": {"coordinates": [2.1, 47.86]},
            "properties": {
                "label": "12 Rue des Tanneurs 45110 Saint-Martin-sur-Loire",
                "housenumber": "12",
                "street": "Rue des Tanneurs",
                "postcode": "45110",
                "city": "Saint-Martin-sur-Loire",
            },
        },
        {"geometry": None, "properties": {}},
        "nothing",
    ]
}


class Base:
    """An address base that counts how often it is asked."""

    def __init__(self, places) -> None:
        self.places, self.asked = places, []

    async def is_there(self) -> bool:
        return True

    async def find(self, query: str):
        self.asked.append(query)
        return self.places

    async def nearest(self, latitude: float, longitude: float):
        self.asked.append((latitude, longitude))
        return self.places


def test_an_answer_of_the_base_is_read_as_far_as_it_can_be():
    assert places_of(ANSWER) == [
        {
            "label": "12 Rue des Tanneurs 45110 Saint-Martin-sur-Loire",
            "lines": "12 Rue des Tanneurs",
            "postcode": "45110",
            "town": "Saint-Martin-sur-Loire",
            "latitude": 47.86,
            "longitude": 2.1,
        }
    ]
    assert [places_of(each) for each in (None, [], {"features": {}}, {"features": [{}]}, "x")] == [[]] * 5


async def test_the_same_question_is_asked_of_the_base_once(browser, application, settings, valkey, clock):
    base = Base(places_of(ANSWER))
    application.state["house"] = open_house(settings, valkey, clock, {"addresses": base})

    answers = [await browser.open(f"/adresses?q={text}") for text in ("12 rue  des", "12 RUE des", "12")]

    assert [len(each.json()["places"]) for each in answers] == [1, 1, 0]
    assert base.asked == ["12 rue des"]


async def test_a_base_that_is_away_gives_no_places_and_is_asked_again(browser, application, settings, valkey, clock):
    base = Base(None)
    application.state["house"] = open_house(settings, valkey, clock, {"addresses": base})

    answers = [await browser.open("/adresses?q=12+rue") for _ in range(2)]

    assert [(each.status_code, each.json()) for each in answers] == [(200, {"places": []})] * 2
    assert len(base.asked) == 2


async def test_a_town_without_a_base_offers_no_search(browser, settings, clock, now):
    visit = Visit(open_house(settings, None, clock), now, {}, "fr")

    assert await search_path(visit) == ""
    assert (await browser.open("/adresses?q=12+rue+neuve")).json() == {"places": []}


async def test_the_nearest_address_of_a_point_is_asked_once_for_ten_metres(
    browser, application, settings, valkey, clock
):
    base = Base(places_of(ANSWER))
    application.state["house"] = open_house(settings, valkey, clock, {"addresses": base})

    answers = [
        await browser.open(f"/adresses/proche?latitude={latitude}&longitude=2.10001")
        for latitude in ("47.86", "47.860001", "91", "nan")
    ]

    assert [len(each.json()["places"]) for each in answers] == [1, 1, 0, 0]
    assert base.asked == [(47.86, 2.1)]
