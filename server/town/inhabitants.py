"""Inhabitants: the people of the demo town, invented, with addresses that exist only there (`example` domains, RFC
2606).
"""

import unicodedata
from random import Random

import msgspec

FIRST_NAMES = (
    "Aïcha",
    "Alain",
    "Amandine",
    "Anaïs",
    "Antoine",
    "Bénédicte",
    "Camille",
    "Catherine",
    "Cédric",
    "Chloé",
    "Denis",
    "Émilie",
    "Étienne",
    "Fatima",
    "Florence",
    "François",
    "Gaëlle",
    "Gérard",
    "Hugo",
    "Isabelle",
    "Jean-Luc",
    "Jérôme",
    "Karine",
    "Laurent",
    "Léa",
    "Louis",
    "Maëlle",
    "Marc",
    "Marie-Claude",
    "Mathilde",
    "Mohamed",
    "Nadia",
    "Nicolas",
    "Noémie",
    "Olivier",
    "Pascale",
    "Philippe",
    "Quentin",
    "Rachida",
    "Rémi",
    "Sandrine",
    "Sébastien",
    "Sophie",
    "Stéphane",
    "Thérèse",
    "Valérie",
    "Victor",
    "Zoé",
)
LAST_NAMES = (
    "Aubert",
    "Baron",
    "Beaumont",
    "Bernard",
    "Blanchet",
    "Boucher",
    "Chauvin",
    "Cormier",
    "Delaunay",
    "Diallo",
    "Durand",
    "Fournier",
    "Gauthier",
    "Girard",
    "Guérin",
    "Hamon",
    "Jolivet",
    "Kaci",
    "Lambert",
    "Le Gall",
    "Lefèbvre",
    "Lemoine",
    "Martin",
    "Mercier",
    "Meunier",
    "Moreau",
    "N’Diaye",
    "Pelletier",
    "Perrin",
    "Picard",
    "Prévost",
    "Raimbault",
    "Robin",
    "Rousseau",
    "Saïdi",
    "Simon",
    "Tanguy",
    "Texier",
    "Vasseur",
    "Vidal",
)
STREETS = (
    "rue des Mariniers",
    "rue du Port",
    "quai de la Loire",
    "place de la Mairie",
    "rue Jeanne-d’Arc",
    "avenue de la Gare",
    "rue des Tilleuls",
    "allée des Peupliers",
    "rue de l’Église",
    "chemin des Vignes",
    "rue du Vieux-Pont",
    "impasse du Lavoir",
    "boulevard de la Plaine",
    "rue des Écoles",
    "route de Saumur",
    "rue du Moulin",
)


class Inhabitant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the town. Not everybody has an e-mail address or is at ease with a form."""

    given_name: str
    family_name: str
    street: str
    phone: str
    email: str | None
    comes_to_the_counter: bool

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def address(self) -> str:
        """On two lines, as written on an envelope."""
        return f"{self.street}\n49000 Saint-Martin-sur-Loire"


def inhabitants(chance: Random, count: int) -> list[Inhabitant]:
    """That many people, different from each other as far as the names go."""
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    return [_inhabitant(chance, first, last) for first, last in chance.sample(names, count)]


def _inhabitant(chance: Random, given_name: str, family_name: str) -> Inhabitant:
    offline = chance.random() < 0.15
    return Inhabitant(
        given_name=given_name,
        family_name=family_name,
        street=f"{chance.randint(1, 90)} {chance.choice(STREETS)}",
        phone=f"+336{chance.randint(10_000_000, 99_999_999)}",
        email=None if offline else f"{_plain(given_name)}.{_plain(family_name)}@courriel.example",
        comes_to_the_counter=offline or chance.random() < 0.1,
    )


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in letters if letter.isascii() and (letter.isalpha() or letter == "-"))
