"""Letters: placeholders filled as people write, nothing else understood."""

import pytest

from connectors.errors import LetterBroken, LetterMissing
from connectors.letters import DeployedLetters, placeholders_of, write
from connectors.wording import said
from engine.bundle import Bundle, bundle_of
from tests.engine.bundles import a_bundle

LETTER = """Objet : Salle {{ booking.room }}

Le {{ booking.day }} à {{ booking.from }}.

Téléphone : {{ phone }}
{{ note }}
Fin
"""


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        ("2026-12-01", "mardi 1er décembre 2026", "Tuesday 1 December 2026"),
        ("2026-12-05T08:30:00Z", "samedi 5 décembre 2026 à 9 h 30", "Saturday 5 December 2026 at 9:30"),
        ("2026-12-05T09:00:00+01:00@Europe/Paris", "samedi 5 décembre 2026 à 9 h", "Saturday 5 December 2026 at 9:00"),
        ("09:00:00", "9 h", "9:00"),
        (1234.5, "1\u202f234,50", "1,234.50"),
        (90, "90", "90"),
        ("+33241000007", "02 41 00 00 07", "02 41 00 00 07"),
        (True, "oui", "yes"),
        (None, "", ""),
        (["chaises", "tables"], "chaises, tables", "chaises, tables"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
    ],
)
def test_values_are_written_as_people_write_them(value, french, english):
    assert (said(value, "fr"), said(value, "en")) == (french, english)


def test_a_letter_is_a_subject_and_paragraphs_and_empty_lines_are_left_out():
    values = {"booking": {"room": "Jeanne\nd’Arc", "day": "2026-12-05", "from": "09:00"}, "note": None}

    letter = write(LETTER, values, "fr")

    assert letter.subject == "Salle Jeanne d’Arc"
    assert letter.paragraphs == ("Le samedi 5 décembre 2026 à 9 h.", "Fin")


def test_what_a_citizen_typed_is_never_read_as_a_placeholder():
    letter = write("Objet : X\n\n{{ a }}", {"a": "{{ b }} {{ case.reference }}", "b": "secret"}, "fr")

    assert letter.paragraphs == ("{{ b }} {{ case.reference }}",)


@pytest.mark.parametrize(
    "source", ["Bonjour", "Objet : {{ 1 + 1 }}\n\nx", "Objet : a\n\n{% if x %}", "Objet : a\n\n{{ f() }}"]
)
def test_logic_in_a_letter_is_refused(source):
    with pytest.raises(LetterBroken):
        write(source, {}, "fr")


def test_the_paths_a_letter_reads_are_known():
    assert placeholders_of(LETTER) == {"booking.room", "booking.day", "booking.from", "phone", "note"}


async def test_a_letter_missing_in_english_is_read_in_french():
    bundle = a_bundle(files={"letters/answer.fr.txt": b"Objet : a\n\nb\n"})

    async def bundle_of_hash(_: str) -> Bundle:
        return bundle_of(bundle.files)

    letters = DeployedLetters(bundle_of_hash)

    assert (await letters("h", "answer", "en")).startswith("Objet")
    with pytest.raises(LetterMissing):
        await letters("h", "unknown", "fr")
