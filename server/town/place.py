"""Place: the departments, agents and rooms of Saint-Martin-sur-Loire. Settles them in an empty database; twice changes
nothing.
"""

from datetime import datetime, time

import msgspec

from accounts import departments, passwords, people
from accounts.departments import Department
from accounts.permissions import Role
from desk import bookings
from desk.bookings import Opening, Resource, resources

PASSWORD = "bienvenue-a-saint-martin"
"""The password of every account of the demo town, printed by `parvis demo`. Never used outside it."""

DOMAIN = "saint-martin-sur-loire.example"


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who works for the town. `supervises` is a part of `works_in`."""

    name: str
    works_in: tuple[str, ...]
    supervises: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()

    @property
    def email(self) -> str:
        """First name and last name, without accents, at the town's domain."""
        plain = self.name.lower().translate(str.maketrans("àâçéèêëîïôöûùü", "aaceeeeiioouuu"))
        return f"{plain.replace(' ', '.').replace(chr(8217), '')}@{DOMAIN}"


def _department(slug: str, name_fr: str, name_en: str, phone: str, hours_fr: str, hours_en: str) -> Department:
    return Department(
        slug=slug,
        name_fr=name_fr,
        name_en=name_en,
        email=f"{slug}@{DOMAIN}",
        phone=phone,
        address="Hôtel de ville, 1 place de la Mairie, 49000 Saint-Martin-sur-Loire",
        hours_fr=hours_fr,
        hours_en=hours_en,
    )


OFFICE_FR, OFFICE_EN = (
    "Du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h",
    "Monday to Friday, 9 am to noon and 2 pm to 5 pm",
)
FIELD_FR, FIELD_EN = "Du lundi au vendredi, de 8 h à 16 h 30", "Monday to Friday, 8 am to 4.30 pm"

DEPARTMENTS = (
    _department(
        "accueil",
        "Accueil",
        "Reception",
        "+33241000001",
        "Du lundi au vendredi, de 8 h 30 à 17 h 30 ; samedi, de 9 h à 12 h",
        "Monday to Friday, 8.30 am to 5.30 pm; Saturday, 9 am to noon",
    ),
    _department("voirie", "Voirie", "Roads", "+33241000002", FIELD_FR, FIELD_EN),
    _department("proprete", "Propreté urbaine", "Street cleaning", "+33241000003", FIELD_FR, FIELD_EN),
    _department("espaces-verts", "Espaces verts", "Parks and gardens", "+33241000004", FIELD_FR, FIELD_EN),
    _department("eclairage", "Éclairage public", "Street lighting", "+33241000005", FIELD_FR, FIELD_EN),
    _department("vie-associative", "Vie associative", "Community life", "+33241000006", OFFICE_FR, OFFICE_EN),
    _department("securite", "Sécurité et prévention", "Safety and prevention", "+33241000007", OFFICE_FR, OFFICE_EN),
    _department("etat-civil", "État civil", "Civil status", "+33241000008", OFFICE_FR, OFFICE_EN),
)

COLLEAGUES = (
    Colleague(name="Claire Fontaine", works_in=("accueil",), roles=frozenset({"administrator"})),
    Colleague(name="Yannick Morel", works_in=("accueil",), roles=frozenset({"reception"})),
    Colleague(name="Samira Haddad", works_in=("accueil",), supervises=("accueil",), roles=frozenset({"reception"})),
    Colleague(name="Bruno Leclerc", works_in=("voirie",)),
    Colleague(name="Inès Garnier", works_in=("voirie",), supervises=("voirie",)),
    Colleague(name="Mehdi Brahimi", works_in=("voirie", "eclairage")),
    Colleague(name="Sylvie Renard", works_in=("proprete",), supervises=("proprete",)),
    Colleague(name="Kevin Tessier", works_in=("proprete", "espaces-verts")),
    Colleague(name="Hélène Aubry", works_in=("espaces-verts",), supervises=("espaces-verts",)),
    Colleague(name="Paul Nguyen", works_in=("eclairage",), supervises=("eclairage",)),
    Colleague(name="Lucie Marchand", works_in=("vie-associative",), supervises=("vie-associative",)),
    Colleague(name="Thomas Roussel", works_in=("vie-associative",)),
    Colleague(name="Karim Benali", works_in=("securite",), supervises=("securite",)),
    Colleague(name="Odile Perrot", works_in=("etat-civil",), supervises=("etat-civil",)),
    Colleague(name="Julien Caron", works_in=("etat-civil",)),
)

ROOMS = (
    Resource(
        slug="salle-des-fetes",
        name={"fr": "Salle des fêtes", "en": "Function hall"},
        place="2 rue du Port",
        capacity=200,
        equipment=("tables", "chaises", "sonorisation", "cuisine"),
        after_minutes=30,
    ),
    Resource(
        slug="salle-jeanne-darc",
        name={"fr": "Salle Jeanne-d’Arc", "en": "Jeanne d’Arc room"},
        place="14 rue Jeanne-d’Arc",
        capacity=60,
        equipment=("tables", "chaises", "vidéoprojecteur"),
    ),
    Resource(
        slug="maison-des-associations",
        name={"fr": "Maison des associations", "en": "Community house"},
        place="5 place des Tilleuls",
        capacity=40,
        equipment=("tables", "chaises", "tableau blanc"),
    ),
    Resource(
        slug="gymnase-leo-lagrange",
        name={"fr": "Gymnase Léo-Lagrange", "en": "Léo Lagrange gymnasium"},
        place="30 avenue de la Gare",
        capacity=300,
        equipment=("vestiaires", "gradins", "sonorisation"),
    ),
)

OPENINGS = tuple(
    Opening(weekday=weekday, begin=begin, until=until, label=label)
    for weekday in range(1, 8)
    for begin, until, label in (
        (time(8), time(13), "morning"),
        (time(13, 30), time(18, 30), "afternoon"),
        (time(19), time(23, 30), "evening"),
    )
)


async def settle(now: datetime) -> None:
    """Departments, agents and rooms, as on the first morning of the demo town."""
    for department in DEPARTMENTS:
        await departments.upsert(department)
    known = {room.slug for room in await resources(active_only=False)}
    for room in ROOMS:
        # What administrators have changed since stays.
        if room.slug not in known:
            await bookings.define_resource(room, OPENINGS, now)
    for colleague in COLLEAGUES:
        if await people.of_email(colleague.email) is None:
            await _hire(colleague, now)


async def _hire(colleague: Colleague, now: datetime) -> None:
    await people.add(
        name=colleague.name,
        email=colleague.email,
        now=now,
        password_hash=await passwords.hash_password(PASSWORD),
        roles=colleague.roles,
        departments=colleague.works_in,
        supervises=colleague.supervises,
    )
