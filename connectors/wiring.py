"""Wiring: builds every connector from the town's settings. Called by `server.chores`; nothing happens at import.

Settings come as an argument and are only read here: the floors below receive what they need, nothing more.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from accounts import departments
from accounts.errors import DepartmentUnknown
from connectors.agenda.connector import AgendaConnector
from connectors.department.connector import DepartmentConnector
from connectors.document.connector import DocumentConnector, Town
from connectors.letters import DeployedLetters
from connectors.mail.connector import MailConnector
from connectors.mail.notices import NoticePost
from connectors.mail.post import Post, Smtp
from connectors.notify.connector import NotifyConnector
from connectors.runner import Runner
from connectors.survey.connector import SurveyConnector
from desk.files import FileStore
from desk.notifications import Deliver
from engine import deployments
from engine.connector import Connector


class TownSettings(Protocol):
    """What is read of `server.settings.Settings`."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def public_url(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def town(self) -> Any: ...
    @property
    def smtp(self) -> Any: ...


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """What this town's connectors are built from, taken from the settings. `secret` is the settings' secret key."""

    smtp: Smtp
    town: Town
    files: FileStore
    secret: bytes
    public_url: str
    timezone: str = "Europe/Paris"


async def known_departments() -> Collection[str]:
    """Slugs of the departments that take work."""
    return frozenset(each.slug for each in await departments.all_active())


async def contact_of(slug: str) -> str | None:
    """A department's e-mail address, if it has one."""
    try:
        return (await departments.get(slug)).email
    except DepartmentUnknown:
        return None


def all_connectors(
    connections: Connections, definition_of: Callable[[str], Awaitable[Any]] = deployments.definition_of
) -> dict[str, Connector]:
    """Job type → connector."""
    post = Post(connections.smtp, connections.town.name)
    letters = DeployedLetters()
    url, zone = connections.public_url, connections.timezone
    return {
        "parvis:mail": MailConnector(post, letters, connections.files, zone),
        "parvis:department": DepartmentConnector(known_departments, definition_of),
        "parvis:agenda": AgendaConnector(zone),
        "parvis:survey": SurveyConnector(
            post, letters, secret=connections.secret, public_url=url, town=connections.town.name, timezone=zone
        ),
        "parvis:document": DocumentConnector(letters, connections.files, connections.town, timezone=zone),
        "parvis:notify": NotifyConnector(post, letters, contact_of, public_url=url, timezone=zone),
    }


def connections_of(settings: TownSettings) -> Connections:
    """The part of the settings that connectors need."""
    smtp = {name: getattr(settings.smtp, name) for name in ("host", "port", "tls", "user", "password", "sender")}
    town = {name: getattr(settings.town, name) for name in ("name", "address", "phone", "email", "hours")}
    return Connections(
        smtp=Smtp(**smtp),
        town=Town(**town),
        files=FileStore(settings.data_dir / "files"),
        secret=settings.secret_key.encode(),
        public_url=settings.public_url,
        timezone=settings.timezone,
    )


def runner_of(settings: TownSettings, clock: Callable[[], datetime], worker: str) -> Runner:
    """The runner of all connectors."""
    return Runner(all_connectors(connections_of(settings)), worker=worker, clock=clock)


def deliver_of(settings: TownSettings) -> Deliver:
    """How the desk's notifications leave."""
    connections = connections_of(settings)
    post = Post(connections.smtp, connections.town.name)
    return NoticePost(post, connections.public_url, connections.town.name, connections.timezone)
