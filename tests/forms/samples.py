"""Sample forms of the tests and the gallery: one with every kind of field, and small builders."""

from datetime import UTC, datetime
from typing import Any

from forms import Choice, Form, read_form

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

EVERY_KIND: dict[str, Any] = {
    "type": "object",
    "title": "Toutes les questions",
    "required": ["name", "email", "kind", "attending", "when", "place", "photos", "agreed", "signed"],
    "properties": {
        "name": {"type": "string", "title": "Nom de l’événement", "maxLength": 80},
        "story": {"type": "string", "title": "Description", "maxLength": 2000},
        "people": {"type": "integer", "title": "Nombre de personnes", "minimum": 1, "maximum": 400},
        "surface": {"type": "number", "title": "Surface", "exclusiveMinimum": 0},
        "fee": {"type": "number", "title": "Participation demandée", "minimum": 0},
        "attending": {"type": "boolean", "title": "Y aura-t-il de la musique ?"},
        "kind": {
            "type": "string",
            "title": "Vous êtes",
            "oneOf": [
                {"const": "person", "title": "Un particulier"},
                {"const": "association", "title": "Une association", "description": "Loi de 1901"},
                {"const": "company", "title": "Une entreprise"},
            ],
        },
        "siret": {"type": "string", "title": "Numéro SIRET", "format": "siret"},
        "district": {
            "type": "string",
            "title": "Quartier",
            "oneOf": [{"const": f"q{n}", "title": f"Quartier {n}"} for n in range(1, 10)],
        },
        "equipment": {
            "type": "array",
            "title": "Matériel souhaité",
            "uniqueItems": True,
            "items": {
                "type": "string",
                "oneOf": [{"const": "tables", "title": "Tables"}, {"const": "chairs", "title": "Chaises"}],
            },
        },
        "when": {"type": "string", "format": "date", "title": "Date de l’événement"},
        "slot": {"type": "string", "title": "Créneau"},
        "email": {"$ref": "library/email.json"},
        "phone": {"$ref": "library/phone.json"},
        "address": {"$ref": "library/address.json"},
        "place": {"$ref": "library/place.json"},
        "photos": {"$ref": "library/attachments.json", "title": "Photos"},
        "vehicles": {
            "type": "array",
            "title": "Véhicules",
            "maxItems": 3,
            "items": {
                "type": "object",
                "title": "Véhicule",
                "required": ["plate"],
                "properties": {
                    "plate": {
                        "type": "string",
                        "title": "Immatriculation",
                        "pattern": "^[A-Z]{2}-[0-9]{3}-[A-Z]{2}$",
                        "description": "Par exemple AB-123-CD.",
                    },
                    "long": {"type": "boolean", "title": "Plus de 6 mètres ?"},
                },
            },
        },
        "total": {"type": "number", "title": "Montant à payer", "readOnly": True},
        "visit": {"type": "string", "format": "date-time", "title": "Visite du lieu"},
        "opening": {"type": "string", "format": "time", "title": "Heure d’ouverture"},
        "agreed": {"$ref": "library/consent.json"},
        "signed": {"$ref": "library/signature.json"},
    },
    "if": {"properties": {"kind": {"const": "company"}}, "required": ["kind"]},
    "then": {"required": ["siret"]},
}


def control(name: str, rule: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """A Control of a top-level property."""
    element: dict[str, Any] = {"type": "Control", "scope": f"#/properties/{name}", "options": options}
    return element if rule is None else {**element, "rule": rule}


def show_when(name: str, value: Any) -> dict[str, Any]:
    """A rule that shows when the property has the value."""
    return {"effect": "SHOW", "condition": {"scope": f"#/properties/{name}", "schema": {"const": value}}}


EVERY_KIND_UI: dict[str, Any] = {
    "type": "Categorization",
    "elements": [
        {
            "type": "Category",
            "label": "Votre événement",
            "elements": [
                {
                    "type": "Label",
                    "text": "Gardez ces pièces à portée de main :\n\n- une attestation d’assurance\n- un plan",
                    "options": {
                        "style": "notice",
                        "links": [{"url": "https://www.service-public.fr", "text": "En savoir plus"}],
                    },
                },
                control("name", autocomplete="off"),
                control("story", widget="textarea", hint="Dites ce qui est prévu, en quelques phrases."),
                control("people", width="s", hint="Organisateurs compris."),
                control("surface", unit="m²"),
                control("fee", unit="€"),
                control("attending"),
                control("kind", hint="La personne qui signe la demande."),
                control("siret", rule=show_when("kind", "company"), inputmode="numeric", width="m"),
                control("district", widget="search"),
                control("equipment"),
                control("when", minDate="today+3d", hint="Par exemple 12 3 2027."),
                control("slot", widget="slot", source="free_slots"),
            ],
        },
        {
            "type": "Category",
            "label": "Vos coordonnées",
            "elements": [control("email"), control("phone"), control("address"), control("place"), control("vehicles")],
        },
        {
            "type": "Category",
            "label": "Pièces et signature",
            "elements": [
                control("photos"),
                control("total", unit="€"),
                control("visit"),
                control("opening"),
                control("agreed"),
                control("signed"),
            ],
        },
    ],
}

SLOTS = {
    "free_slots": [
        Choice("a", "9 h à 12 h", group="Mardi 1er décembre"),
        Choice("b", "14 h à 18 h", "Salle des fêtes, 80 places", group="Mardi 1er décembre"),
        Choice("c", "9 h à 12 h", group="Mercredi 2 décembre"),
    ]
}


def every_kind() -> Form:
    """The form with every kind of field."""
    return read_form(EVERY_KIND, EVERY_KIND_UI)


def a_form(
    properties: dict[str, Any], *controls: dict[str, Any], required: tuple[str, ...] = (), **keywords: Any
) -> Form:
    """A one-page form about these properties; generated layout when no control is given."""
    schema = {"type": "object", "title": "Essai", "properties": properties, "required": list(required), **keywords}
    return read_form(schema, {"type": "VerticalLayout", "elements": list(controls)} if controls else None)
