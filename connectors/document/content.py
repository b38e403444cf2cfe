"""Content: a written letter and its case → the JSON values that layouts read. Pure; escapes nothing, since layouts
only show text."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from connectors.letters import Letter
from connectors.wording import said_day

# A paragraph whose lines are all « Libellé : valeur » is a small table.
PAIR = re.compile(r"([^:\n]{2,60}?)\s?:\s(.*\S.*)")
CONSIDERING = re.compile(r"(?:Vu|Considérant|Having regard|Considering)\b")
ARTICLE = re.compile(r"(Article\s+\w+(?:er)?)\s*[:.–—-]\s*(.+)", re.DOTALL)
FEWEST_PAIRS = 2

LABELS = {
    "fr": {
        "subject": "Objet",
        "reference": "Dossier",
        "page": "page",
        "of": "sur",
        "slip": "Bordereau d’envoi",
        "order": "Arrêté du maire",
        "decides": "ARRÊTE",
        "mayor": "Le maire",
        "done": "Fait le",
        "contact": "Pour nous joindre",
        "number": "N°",
        "check": "Vérifier ce document",
        "code": "code",
        "print": "Empreinte SHA-256 du contenu",
    },
    "en": {
        "subject": "Subject",
        "reference": "Case",
        "page": "page",
        "of": "of",
        "slip": "Dispatch slip",
        "order": "Mayor’s order",
        "decides": "ORDERS",
        "mayor": "The mayor",
        "done": "Done on",
        "contact": "How to reach us",
        "number": "No.",
        "check": "Check this document",
        "code": "code",
        "print": "SHA-256 of the content",
    },
}


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """The town hall, as its paper shows it."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""


def values_of(
    letter: Letter,
    *,
    town: Town,
    title: str,
    case: dict[str, Any],
    department: str,
    recipient: str,
    now: datetime,
    timezone: str = "Europe/Paris",
) -> dict[str, Any]:
    """What every layout reads. Texts stay texts: a layout shows them, never runs them."""
    local = now.astimezone(ZoneInfo(timezone)).date()
    return {
        "town": msgspec.to_builtins(town),
        "department": department,
        "language": letter.language,
        "labels": LABELS[letter.language],
        "title": title,
        "date": said_day(local, letter.language),
        "reference": str(case.get("reference") or ""),
        "recipient": [line.strip() for line in recipient.splitlines() if line.strip()],
        "subject": letter.subject,
        "blocks": [block_of(each) for each in letter.paragraphs],
    }


def block_of(paragraph: str) -> dict[str, Any]:
    """A paragraph as what it is: pairs, a list, a recital, an article, or words."""
    lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
    pairs = [PAIR.fullmatch(line) for line in lines]
    if len(lines) >= FEWEST_PAIRS and all(pairs):
        return {"kind": "pairs", "rows": [[pair[1].strip(), pair[2].strip()] for pair in pairs if pair]}
    if len(lines) > 1 and all(line.startswith("- ") for line in lines[1:]):
        first = [] if lines[0].startswith("- ") else [lines[0]]
        return {"kind": "list", "intro": first, "items": [line[2:] for line in lines[len(first) :]]}
    if CONSIDERING.match(paragraph):
        return {"kind": "recital", "lines": lines}
    if article := ARTICLE.fullmatch(paragraph):
        return {"kind": "article", "name": article[1], "text": " ".join(article[2].split())}
    return {"kind": "words", "lines": lines}
