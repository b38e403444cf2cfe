"""Every sentence of the screens exists in French, and dates are said as people say them."""

import ast
import gzip
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_file

from web.pages import language
from web.pages.templates import FOLDERS, STATIC
from web.pages.uploads import REFUSALS

ROOT = Path(__file__).parents[2]
PARIS = ZoneInfo("Europe/Paris")
OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}


def said_in_templates():
    """Every message id of every template, with the file it is in."""
    for folder in FOLDERS:
        for file in sorted(folder.rglob("*.html")):
            keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
            for found in extract_from_file("jinja2", str(file), options=OPTIONS, keywords=keywords):
                yield file.name, found[1] if isinstance(found[1], str) else found[1][0]


def said_by_verbs():
    """Every sentence the desk's phrases and the journal's facts say: the constants of modules that write facts."""
    for file in sorted(file for floor in ("desk", "engine", "connectors") for file in (ROOT / floor).rglob("*.py")):
        source = file.read_text()
        if not re.search(r"journal\.write|facts=|phrase\(|_note\(", source):
            continue
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(func=ast.Name(id="phrase"), args=[ast.Constant(value=str(words)), *_]):
                    yield file.name, words
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(words))):
                    if name.isupper() and re.match(r"[A-Z“].* .*(\.|\})$", words) and "SELECT" not in words:
                        yield file.name, words


@pytest.fixture
def french():
    """The French catalogue, as pages use it."""
    return language.translations("fr")._catalog


def test_every_sentence_of_the_templates_exists_in_french(french):
    missing = sorted({(name, words) for name, words in said_in_templates() if not translated(french, words)})

    assert missing == []


def test_every_sentence_of_the_journal_and_the_follow_up_exists_in_french(french):
    missing = sorted({(name, words) for name, words in said_by_verbs() if not translated(french, words)})

    assert missing == []


def test_every_refusal_of_a_file_exists_in_french(french):
    assert [words for words in REFUSALS.values() if not translated(french, words)] == []


def test_a_translation_asks_for_the_same_values_as_its_sentence(french):
    def asked(words):
        return set(re.findall(r"%\((\w+)\)", words)) | set(re.findall(r"\{(\w+)\}", words))

    strange = [
        (key, words)
        for key, words in french.items()
        if isinstance(key, str) and not asked(words) <= asked(key) | {"num"}
    ]

    assert strange == []


@pytest.mark.parametrize(
    ("code", "moment", "words"),
    [
        ("fr", date(2026, 12, 1), "mardi 1er décembre"),
        ("fr", date(2027, 1, 11), "lundi 11 janvier 2027"),
        ("fr", datetime(2026, 12, 1, 23, 30, tzinfo=UTC), "mercredi 2 décembre"),
        ("en", date(2026, 12, 1), "Tuesday 1 December"),
    ],
)
def test_days_are_said_as_people_say_them(code, moment, words):
    marker = language.speak(code)

    said = language.say_day(moment, PARIS, date(2026, 11, 24))

    language.hush(marker)
    assert said == words


@pytest.mark.parametrize(("amount", "words"), [(0, "0 €"), (12.5, "12,50 €"), (1234, "1 234 €")])
def test_money_is_written_the_french_way(amount, words):
    marker = language.speak("fr")

    said = language.say_money(amount)

    language.hush(marker)
    assert said.replace("\u00a0", " ").replace("\u202f", " ") == words


def test_what_a_citizen_page_downloads_stays_light():
    styles = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ("parvis.css", "form.css"))
    scripts = len(gzip.compress((STATIC / "form.js").read_bytes(), 9))

    assert scripts <= 10_000
    assert styles + scripts <= 25_000


def translated(catalogue, words):
    """Whether the catalogue has the sentence, as a singular too."""
    return bool(catalogue.get(words) or catalogue.get((words, 0)))
