"""The demo town's own address base: asked like the public geocoder, by the connector, the page and the dry run; nobody
outside is asked."""

import json
from urllib.request import urlopen

import msgspec
import pytest

from connectors.address.connector import AddressConnector
from connectors.catalogue import load_catalogue
from connectors.wiring import address_finder_of, connections_of, toolbox_of
from engine.connector import BusinessError
from server.town.geocoder import PLACES, Geocoder
from tests.connectors.postbox import a_job


@pytest.fixture
def town(settings, database):
    """Settings of a demo town, and its geocoder."""
    with Geocoder() as geocoder:
        yield msgspec.structs.replace(
            settings, outgoing=msgspec.structs.replace(settings.outgoing, geocoder=geocoder.url)
        )


def looking_for(query: str, **told):
    return a_job("parvis:address", input={"query": query, **told})


def connector(town) -> AddressConnector:
    return AddressConnector(toolbox_of(connections_of(town), load_catalogue))


async def test_an_address_is_found_with_its_place_on_the_map(town, now):
    outcome = await connector(town).run(looking_for("1 place de la mairie Saint-Martin", postcode="49000"), now)

    found = outcome.variables["address"]
    assert (found["label"], found["type"]) == ("1 Place de la Mairie 49000 Saint-Martin-sur-Loire", "housenumber")
    assert (found["longitude"], found["latitude"]) == (-0.82948, 47.39291)


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("place de la mairy", "Place de la Mairie 49000 Saint-Martin-sur-Loire"),
        ("RUE JEANNE D’ARC", "Rue Jeanne-d’Arc 49000 Saint-Martin-sur-Loire"),
        ("999 rue du Moulin", "Rue du Moulin 49000 Saint-Martin-sur-Loire"),
    ],
)
async def test_accents_small_errors_and_unknown_numbers_still_find_the_street(town, now, query, label):
    outcome = await connector(town).run(looking_for(query), now)

    assert outcome.variables["address"]["label"] == label


@pytest.mark.parametrize("told", [{"query": "Tour Eiffel, Paris"}, {"query": "rue du Moulin", "postcode": "75001"}])
async def test_what_is_not_in_the_town_is_unknown(town, now, told):
    with pytest.raises(BusinessError) as refusal:
        await connector(town).run(looking_for(**told), now)

    assert refusal.value.code == "ADDRESS_UNKNOWN"


async def test_the_page_proposes_addresses_while_one_types(town):
    finder = address_finder_of(town)

    places = await finder.find("quai de la")

    assert await finder.is_there()
    assert places and places[0]["town"] == "Saint-Martin-sur-Loire"
    assert "Quai de la Loire" in places[0]["label"]


def test_it_speaks_as_the_public_geocoder_does():
    with Geocoder() as geocoder:
        with urlopen(f"{geocoder.url}/search?q=rue+du+port&limit=2") as answer:
            found = json.load(answer)
        with urlopen(f"{geocoder.url}/reverse?lon=-0.8295&lat=47.3929") as answer:
            near = json.load(answer)
        with pytest.raises(OSError, match="400"):
            urlopen(f"{geocoder.url}/search?q=a")

    assert (found["type"], len(found["features"])) == ("FeatureCollection", 2)
    assert found["features"][0]["properties"].keys() >= {"label", "score", "id", "type", "postcode", "citycode", "city"}
    assert near["features"][0]["properties"]["label"].startswith("1 Place de la Mairie")


def test_every_recorded_place_is_in_the_invented_town():
    features = json.loads(PLACES.read_text("utf-8"))["features"]

    assert {each["properties"]["citycode"] for each in features} == {"49999"}
    assert len({each["properties"]["id"] for each in features}) == len(features) > 100
