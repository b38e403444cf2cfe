"""Stories: what goes wrong in the streets of the demo town, and where: places, words and positions that agree with each
other.
"""

from random import Random
from typing import Any

import msgspec


class Spot(msgspec.Struct, frozen=True):
    """A place people name, its district, and where it is (WGS 84)."""

    place: str
    district: str
    latitude: float
    longitude: float


SPOTS = (
    Spot("12 rue des Mariniers, devant l’école", "centre", 47.3921, -0.8312),
    Spot("Place de la Mairie, côté pharmacie", "centre", 47.3929, -0.8295),
    Spot("Angle de la rue de l’Église et de la rue des Écoles", "centre", 47.3934, -0.8321),
    Spot("3 rue du Vieux-Pont", "centre", 47.3917, -0.8283),
    Spot("Quai de la Loire, près de la cale", "bords-de-loire", 47.3892, -0.8340),
    Spot("Promenade des bords de Loire, aire de pique-nique", "bords-de-loire", 47.3885, -0.8371),
    Spot("Rue du Port, devant la salle des fêtes", "bords-de-loire", 47.3899, -0.8305),
    Spot("Parvis de la gare", "gare", 47.3978, -0.8246),
    Spot("30 avenue de la Gare, devant le gymnase", "gare", 47.3969, -0.8259),
    Spot("Passage souterrain de la gare", "gare", 47.3982, -0.8251),
    Spot("Square des Tilleuls", "tilleuls", 47.3951, -0.8388),
    Spot("5 place des Tilleuls, devant la Maison des associations", "tilleuls", 47.3955, -0.8379),
    Spot("Allée des Peupliers, aire de jeux", "tilleuls", 47.3963, -0.8402),
    Spot("Boulevard de la Plaine, rond-point de la zone d’activités", "plaine", 47.4031, -0.8199),
    Spot("18 boulevard de la Plaine", "plaine", 47.4022, -0.8213),
    Spot("Chemin des Vignes, au lieu-dit La Renardière", "hameaux", 47.4068, -0.8477),
    Spot("Route de Saumur, au hameau des Quatre-Vents", "hameaux", 47.4090, -0.8101),
)

PROBLEMS: dict[str, tuple[str, ...]] = {
    "road": (
        "Un trou profond comme la main, les vélos l’évitent au dernier moment.",
        "Le trottoir s’est affaissé, une poussette ne passe plus.",
        "Le panneau de sens interdit est couché par terre.",
        "Le passage piéton est presque effacé.",
    ),
    "lighting": (
        "Le lampadaire est éteint depuis trois jours, il fait très sombre le soir.",
        "La lumière clignote toute la nuit.",
        "Deux lampadaires de suite ne s’allument plus.",
    ),
    "cleanliness": (
        "Un matelas et des cartons sont déposés au pied des conteneurs.",
        "La poubelle déborde, les sacs sont ouverts par les oiseaux.",
        "Des bouteilles cassées jonchent le sol.",
    ),
    "green_spaces": (
        "Une grosse branche est cassée et pend au-dessus du chemin.",
        "La haie empêche de passer sur le trottoir.",
        "L’arbre planté l’an dernier est sec.",
    ),
    "street_furniture": (
        "Une latte du banc est cassée, les clous dépassent.",
        "La vitre de l’abri est brisée.",
        "La borne est descellée.",
    ),
    "graffiti": ("Des inscriptions couvrent le mur.", "Des affiches sont collées sur le transformateur."),
    "nuisance": (
        "Une alarme sonne chaque nuit vers deux heures.",
        "Des voitures se garent sur le trottoir tous les soirs.",
    ),
    "other": ("L’horloge retarde d’une heure.",),
}
WEIGHTS = {
    "road": 28,
    "lighting": 18,
    "cleanliness": 24,
    "green_spaces": 12,
    "street_furniture": 8,
    "graffiti": 5,
    "nuisance": 4,
    "other": 1,
}
DANGERS = {
    "road": "Un cycliste peut tomber.",
    "lighting": "Des fils sont à nu à hauteur d’enfant.",
    "green_spaces": "La branche peut tomber sur quelqu’un.",
    "cleanliness": "Du verre brisé là où jouent les enfants.",
}

PURPOSES = (
    ("association", "Assemblée générale", 45),
    ("association", "Loto annuel", 160),
    ("association", "Répétition de la chorale", 30),
    ("association", "Tournoi de tarot", 52),
    ("association", "Bourse aux vêtements", 120),
    ("association", "Cours de danse", 28),
    ("individual", "Anniversaire de mariage", 55),
    ("individual", "Baptême", 48),
    ("individual", "Repas de famille", 35),
    ("individual", "Vin d’honneur", 90),
)
ASSOCIATIONS = (
    "Les Amis de la Loire",
    "Chorale du Vieux-Pont",
    "Comité des fêtes",
    "Tarot club saint-martinois",
    "Parents d’élèves de l’école Jules-Ferry",
    "Danse et Loisirs",
    "Union des anciens combattants",
)
THANKS = (
    (5, "Rapide et bien expliqué, merci."),
    (5, ""),
    (5, "Réparé le lendemain."),
    (4, "Réponse claire."),
    (4, ""),
    (4, ""),
    (3, "Un peu long, mais le travail est fait."),
    (3, ""),
    (2, "J’ai dû rappeler pour savoir où cela en était."),
    (5, "L’agent a été très aimable."),
    (1, "Trois semaines d’attente."),
    (4, "J’ai su tout de suite qui s’en occupait."),
)
QUESTIONS = (
    (
        "Bonjour, avez-vous une idée de la date ?",
        "Bonjour, l’équipe passe cette semaine. Vous recevrez un message dès que c’est fait.",
    ),
    ("Le problème s’est aggravé depuis hier.", "Merci de nous l’avoir dit, nous avançons l’intervention."),
    ("Faut-il que je sois présent ?", "Non, vous n’avez rien à faire. Bonne journée."),
)


def problem(chance: Random) -> tuple[str, Spot, str]:
    """A category, a place and words for it."""
    category = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    return category, chance.choice(SPOTS), chance.choice(PROBLEMS[category])


def near(chance: Random, spot: Spot) -> dict[str, Any]:
    """A position within some thirty metres of the spot, as phones give it."""
    return {
        "latitude": round(spot.latitude + chance.uniform(-0.0002, 0.0002), 6),
        "longitude": round(spot.longitude + chance.uniform(-0.0003, 0.0003), 6),
    }
