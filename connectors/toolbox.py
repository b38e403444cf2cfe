"""Toolbox: what connectors are given to reach the world: their connection, opened for one job, and the guarded HTTP
client. Implements `engine.connector.Tools`."""

from collections.abc import Callable, Mapping
from typing import Any

from connectors import connections, redaction
from connectors.addresses import Network
from connectors.admission import Limits
from connectors.catalogue import Catalogue, ConnectionPart
from connectors.errors import ConnectionMissing
from connectors.outgoing import LARGEST_ANSWER, SECONDS, Outgoing, Reply
from connectors.vault import Vault
from engine.connector import Connection, Job

Preset = Mapping[str, tuple[Connection, Limits]]
"""Connections of the settings, by slug: used where administrators set up none of that name."""


class Toolbox:
    """`catalogue` is asked each time: connectors may be added while we run. `provided`: slug → kind of the connections
    that the settings stand in for, presets among them."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        vault: Vault,
        *,
        permitted: tuple[Network, ...] = (),
        proxy: str = "",
        presets: Preset | None = None,
        preset_networks: tuple[Network, ...] = (),
        seconds: float = SECONDS,
        provided: Mapping[str, str] | None = None,
    ) -> None:
        self.catalogue, self.vault, self.permitted, self.proxy = catalogue, vault, permitted, proxy
        self.provided = dict(provided or {})
        self.presets, self.preset_networks, self.seconds = dict(presets or {}), preset_networks, seconds

    async def slug_of(self, job: Job) -> str | None:
        """Which connection a job uses; None when its connector needs none. A connection that does not exist is named
        all the same: the job's failure says so."""
        template = self.catalogue().of_type(job.type)
        if template is None or template.connection is None:
            return None
        named = job.input.get("connection") or job.headers.get("connection")
        if named:
            return str(named)[:40]
        default = template.connection.default
        return await connections.default_of(template.kind, default) or default or template.kind

    async def limits_of(self, slug: str) -> Limits:
        """How much this connection bears."""
        preset = self.presets.get(slug)
        return await connections.limits_of(slug) or (preset[1] if preset else Limits())

    async def connection(self, job: Job) -> Connection:
        """The connection a job uses, opened. Raises `ConnectionMissing`, `VaultLocked`."""
        slug = await self.slug_of(job)
        if slug is None:
            raise ConnectionMissing()
        template = self.catalogue().of_type(job.type)
        return await self.opened(slug, template.kind if template else "")

    async def opened(self, slug: str, kind: str) -> Connection:
        """A connection of this kind, opened; its secrets are hidden from whatever is said from now on."""
        try:
            card, connection, secrets = await connections.opened(slug, self.vault)
        except ConnectionMissing:
            if slug not in self.presets:
                raise
            return self.presets[slug][0]
        if kind and card.kind != kind:
            # A step may not send another connector's secret to an address of its own.
            raise ConnectionMissing()
        redaction.opened(secrets)
        return connection

    async def request(
        self,
        connection: Connection,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """One call, to the hosts that the connection allows. Raises a `ConnectorError`."""
        client = await self.client(connection)
        return await client.request(method, url, headers=headers, body=body)

    async def client(self, connection: Connection, **options: Any) -> Outgoing:
        """The HTTP client of a connection."""
        hosts, permitted, proxy = await self._ways(connection)
        given = {"seconds": self.seconds, "largest": LARGEST_ANSWER, **options}
        return Outgoing(hosts, permitted=permitted, proxy=proxy, **given)

    async def _ways(self, connection: Connection) -> tuple[tuple[str, ...], tuple[Network, ...], str]:
        """The hosts, the networks and the proxy of a connection; a preset is on our side of the proxy."""
        try:
            card = await connections.card(connection.slug)
        except ConnectionMissing:
            preset = self.presets.get(connection.slug)
            if preset is None:
                raise
            return tuple(preset[0].values.get("hosts", ())), (*self.permitted, *self.preset_networks), ""
        template = connections.template_of(card.kind, self.catalogue())
        part = template.connection if template and template.connection else ConnectionPart()
        return connections.hosts_of(part, card), self.permitted, self.proxy
