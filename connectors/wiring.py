"""Wiring: builds every connector from the town's settings. Called by `server.chores`; nothing happens at import.

Settings come as an argument and are only read here: the floors below receive what they need, nothing more.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from accounts import departments
from accounts.errors import DepartmentUnknown
from connectors.address.connector import AddressConnector
from connectors.address.finding import AddressFinder
from connectors.addresses import Network, networks_of
from connectors.admission import Limits
from connectors.agenda.connector import AgendaConnector
from connectors.available import Available, installed
from connectors.catalogue import Catalogue, load_catalogue
from connectors.department.connector import DepartmentConnector
from connectors.document.connector import DocumentConnector, Town
from connectors.http.connector import HttpConnector
from connectors.keyring import Keyring
from connectors.letters import DeployedLetters
from connectors.mail.connector import MailConnector
from connectors.mail.notices import NoticePost
from connectors.mail.offices import DEFAULT as OFFICE
from connectors.mail.offices import KIND as OFFICE_KIND
from connectors.mail.offices import Office, TownOffice
from connectors.mail.post import Post, Smtp
from connectors.notify.connector import NotifyConnector
from connectors.runner import Runner
from connectors.sms.connector import SmsConnector
from connectors.survey.connector import SurveyConnector
from connectors.toolbox import Toolbox
from connectors.vault import Vault
from connectors.webhook.connector import WebhookConnector
from desk.files import FileStore
from desk.notifications import Deliver
from engine import deployments
from engine.connector import Connection, Connector


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
    @property
    def outgoing(self) -> Any: ...


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """What this town's connectors are built from, taken from the settings. `secret` is the settings' secret key;
    `permitted` the networks of its own that calls may reach; `geocoder` a local address base, used while
    administrators have set up none."""

    smtp: Smtp
    town: Town
    files: FileStore
    secret: bytes
    public_url: str
    timezone: str = "Europe/Paris"
    keyring: Keyring | None = None
    permitted: tuple[Network, ...] = ()
    proxy: str = ""
    geocoder: str = ""


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
    connections: Connections,
    definition_of: Callable[[str], Awaitable[Any]] = deployments.definition_of,
    tools: Toolbox | None = None,
) -> dict[str, Connector]:
    """Job type → connector, of ours."""
    tools = tools or toolbox_of(connections, load_catalogue)
    post = office_of(connections, tools)
    letters = DeployedLetters()
    url, zone, secret = connections.public_url, connections.timezone, connections.secret
    return {
        "parvis:mail": MailConnector(post, letters, connections.files, zone),
        "parvis:department": DepartmentConnector(known_departments, definition_of, timezone=zone),
        "parvis:agenda": AgendaConnector(zone),
        "parvis:survey": SurveyConnector(
            post, letters, secret=secret, public_url=url, town=connections.town.name, timezone=zone
        ),
        "parvis:document": DocumentConnector(
            letters, connections.files, connections.town, secret=secret, public_url=url, timezone=zone
        ),
        "parvis:notify": NotifyConnector(post, letters, contact_of, public_url=url, timezone=zone),
        "parvis:http": HttpConnector(tools),
        "parvis:webhook": WebhookConnector(tools),
        "parvis:sms": SmsConnector(tools, letters, secret=secret, timezone=zone),
        "parvis:address": AddressConnector(tools),
    }


def toolbox_of(connections: Connections, catalogue: Callable[[], Catalogue]) -> Toolbox:
    """What connectors reach the world with."""
    keyring = connections.keyring
    # Without a keyring (tests of one connector) there is no connection to open either.
    vault = Vault(keyring.keys(), keyring.keys) if keyring else Vault((secrets.token_hex(32),))
    presets = preset_geocoder(connections.geocoder) if connections.geocoder else {}
    return Toolbox(
        catalogue,
        vault,
        permitted=connections.permitted,
        proxy=connections.proxy,
        presets=presets,
        preset_networks=networks_of("127.0.0.1/32"),
        provided=provided_by(connections),
    )


def provided_by(connections: Connections) -> dict[str, str]:
    """Slug → kind of the connections that the settings stand in for while administrators have set up none."""
    return {OFFICE: OFFICE_KIND} | ({"address": "parvis.address"} if connections.geocoder else {})


def preset_geocoder(url: str) -> dict[str, tuple[Connection, Limits]]:
    """The connection `address` of a local address base."""
    values = {"url": url, "hosts": (urlsplit(url).netloc,), "test_query": "mairie"}
    return {"address": (Connection(slug="address", values=values), Limits())}


def office_of(connections: Connections, tools: Toolbox) -> Office:
    """The town's outgoing mail."""
    post = Post(connections.smtp, connections.town.name)
    return TownOffice(post, tools, permitted=connections.permitted, secret=connections.secret)


def available_of(connections: Connections) -> Available:
    """Every connector of this process, with what they reach the world with."""
    holder: list[Available] = []
    fixed = load_catalogue()
    tools = toolbox_of(connections, lambda: holder[0].catalogue if holder else fixed)
    holder.append(Available(fixed, all_connectors(connections, tools=tools), tools, installed()[0]))
    return holder[0]


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
        keyring=Keyring(settings.data_dir, settings.outgoing.keys),
        permitted=networks_of(settings.outgoing.networks),
        proxy=settings.outgoing.proxy,
        geocoder=settings.outgoing.geocoder,
    )


def runner_of(settings: TownSettings, clock: Callable[[], datetime], worker: str) -> Runner:
    """The runner of all connectors."""
    available = available_of(connections_of(settings))
    tools = available.tools
    assert isinstance(tools, Toolbox)
    return Runner(available.connectors, worker=worker, clock=clock, toolbox=tools, refresh=available.refresh)


def address_finder_of(settings: TownSettings) -> AddressFinder:
    """What proposes addresses while people type."""
    return AddressFinder(toolbox_of(connections_of(settings), load_catalogue))


def deliver_of(settings: TownSettings) -> Deliver:
    """How the desk's notifications leave."""
    connections = connections_of(settings)
    post = office_of(connections, toolbox_of(connections, load_catalogue))
    return NoticePost(post, connections.public_url, connections.town.name, connections.timezone)
