"""The reference of the interfaces: a page for people, in their language, without any script."""

from pathlib import Path

from babel.messages.extract import extract_from_file
from litestar import Litestar

from api import reference
from api.words import words
from tests.api.conftest import Asking


async def test_the_reference_is_drawn_without_any_script(asking: Asking) -> None:
    client = await asking()

    drawn = await client.get("/api/reference")

    assert drawn.status_code == 200
    assert "<script" not in drawn.text and "http://" not in drawn.text.replace("http://www.w3.org", "")
    assert "/v2/jobs/activation" in drawn.text and "script-src" not in drawn.headers["content-security-policy"]


async def test_the_reference_speaks_the_readers_language_and_french_first(asking: Asking) -> None:
    client = await asking()
    french, english = "Prendre des traitements d’un type", "Take jobs of a type"

    usual = await client.get("/api/reference")
    asked = await client.get("/api/reference?lang=en")
    chosen = await client.get("/api/reference", headers={"cookie": "parvis-language=en"})
    unknown = await client.get("/api/reference?lang=xx")

    assert [french in each.text for each in (usual, asked, chosen, unknown)] == [True, False, False, True]
    assert [english in each.text for each in (asked, chosen)] == [True, True]
    assert '<html lang="fr">' in usual.text and '<html lang="en">' in asked.text


def test_everything_the_reference_says_exists_in_french(application: Litestar) -> None:
    schema = application.openapi_schema.to_schema()
    template = Path(reference.__file__).parent / "templates" / "reference.html"
    labels = [
        found[1] for found in extract_from_file("jinja2", str(template), options={"extensions": "jinja2.ext.i18n"})
    ]
    groups = reference.groups_of(schema)
    said = [
        *labels,
        *(tag for tag, _ in groups),
        *(paragraph for _, operations in groups for one in operations for paragraph in one["paragraphs"]),
        *reference.PLACES.values(),
        *reference.TYPES.values(),
    ]

    assert len(labels) > 10 and len(said) > 120
    assert sorted({sentence for sentence in said if sentence not in words("fr")}) == []
