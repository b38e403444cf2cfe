"""Formats: texts that are of a format, texts that are not, and checks of those the reference library leaves out."""

import re
from datetime import date, datetime

import jsonschema

GOOD: dict[str, tuple[str, ...]] = {
    "date": ("2026-12-01", "1984-02-29", "2027-03-02"),
    "date-time": ("2026-11-24T14:30:00+01:00", "2020-01-01T12:34:56Z"),
    "time": ("14:30:00Z", "08:15:00+01:00"),
    "duration": ("P3D", "PT1H30M"),
    "email": ("claire@exemple.fr", "paul.martin@courriel.example"),
    "idn-email": ("claire@exemple.fr", "zoé@exemple.fr"),
    "hostname": ("exemple.fr", "www.exemple.fr"),
    "idn-hostname": ("exemple.fr",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://exemple.fr/page?a=1", "mailto:claire@exemple.fr"),
    "uri-reference": ("/page", "https://exemple.fr"),
    "iri": ("https://exemple.fr/été",),
    "iri-reference": ("/été",),
    "uri-template": ("https://exemple.fr/{id}",),
    "json-pointer": ("/a/b",),
    "relative-json-pointer": ("1/a",),
    "regex": ("^a+$",),
    "uuid": ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6",),
    "phone": ("+33612345678", "+442079460958"),
    "siret": ("73282932000074", "21690123100011"),
    "iban": ("FR7630006000011234567890189", "DE89370400440532013000"),
}
BAD: dict[str, str] = {
    "uri-reference": "\\\\exemple",
    "iri-reference": "\\\\exemple",
    "uri-template": "{ouvert",
    "regex": "(ouvert",
    "json-pointer": "a/b",
    "relative-json-pointer": "/a",
}
NEVER = "? ceci n’est rien ?"

CHECKER = jsonschema.FormatChecker(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)


def _said(pattern: str):
    compiled = re.compile(pattern)
    return lambda text: not isinstance(text, str) or compiled.fullmatch(text) is not None


def _moment(text: object) -> bool:
    if not isinstance(text, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text):
        return False
    try:
        return bool(datetime.fromisoformat(text.upper()))
    except ValueError:
        return False


def _day(text: object) -> bool:
    if not isinstance(text, str):
        return True
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


for _name, _check in {
    "date": _day,
    "date-time": _moment,
    "time": _said(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
    "duration": _said(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"),
    "email": _said(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+"),
    "idn-email": _said(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+"),
    "hostname": _said(r"[A-Za-z0-9](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)*"),
    "uri": _said(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"),
    "iri": _said(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"),
    "uri-reference": _said(r"[!-\[\]-~]*"),
    "iri-reference": _said(r"[^\s\\]*"),
    "uri-template": _said(r"[^{}\s]*(\{[^{}\s]+\}[^{}\s]*)*"),
    "json-pointer": _said(r"(/.*)?"),
    "relative-json-pointer": _said(r"\d+(#|(/.*)?)"),
    "phone": _said(r"\+[1-9][0-9]{5,14}"),
    "siret": _said(r"[0-9]{14}"),
    "iban": _said(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}"),
}.items():
    CHECKER.checks(_name)(_check)
