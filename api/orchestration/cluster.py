"""Cluster: what the town's Parvis is, in the words clients ask with: one broker, one partition, healthy."""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, get

from api.guards import any_client, client_of
from api.house import house_of
from api.shapes import TENANT, Shape, camel

GATEWAY = "8.9.0"
"""The version of the protocol that is spoken; clients choose what they ask by it."""


class Partition(Shape, frozen=True, kw_only=True):
    """The one partition."""

    partition_id: int = 1
    role: str = "leader"
    health: str = "healthy"


class Broker(Shape, frozen=True, kw_only=True):
    """The one broker: this address."""

    node_id: int
    host: str
    port: int
    partitions: list[Partition]
    version: str


class Topology(Shape, frozen=True, kw_only=True):
    """One node of one partition, however many processes serve the town."""

    brokers: list[Broker]
    cluster_id: str | None
    cluster_size: int
    partitions_count: int
    replication_factor: int
    gateway_version: str
    last_completed_change_id: str


class License(Shape, frozen=True, kw_only=True):
    """Parvis is free software: valid, not commercial, without end."""

    valid_license: bool = True
    license_type: str = "EUPL-1.2"
    is_commercial: bool = False
    expires_at: datetime | None = None


class Tenant(Shape, frozen=True, kw_only=True):
    """The one tenant."""

    tenant_id: str
    name: str
    description: str | None


class Me(Shape, frozen=True, kw_only=True, rename=lambda name: "c8Links" if name == "links" else camel(name)):
    """The API client that asks; its scopes are its roles."""

    username: str
    display_name: str | None
    email: str | None
    authorized_components: list[str]
    tenants: list[Tenant]
    groups: list[str]
    roles: list[str]
    sales_plan_type: str | None
    links: dict[str, str]
    can_logout: bool


@get("/v2/topology", guards=[any_client], tags=["cluster"])
async def topology(request: Request[Any, Any, Any]) -> Topology:
    """The town's Parvis as one healthy broker."""
    address = urlsplit(house_of(request).public_url)
    broker = Broker(
        node_id=0,
        host=address.hostname or "localhost",
        port=address.port or (443 if address.scheme == "https" else 80),
        partitions=[Partition()],
        version=own_version(),
    )
    return Topology(
        brokers=[broker],
        cluster_id="parvis",
        cluster_size=1,
        partitions_count=1,
        replication_factor=1,
        gateway_version=GATEWAY,
        last_completed_change_id="-1",
    )


@get("/v2/status", guards=[any_client], status_code=204, tags=["cluster"])
async def status() -> None:
    """Whether commands can be carried out: this answers when they can."""


@get("/v2/license", guards=[any_client], tags=["cluster"])
async def license_of() -> License:
    """The licence of this software."""
    return License()


@get("/v2/authentication/me", guards=[any_client], tags=["authentication"])
async def me(request: Request[Any, Any, Any]) -> Me:
    """Who asks."""
    client = client_of(request)
    return Me(
        username=client.client_id,
        display_name=client.name,
        email=None,
        authorized_components=[],
        tenants=[Tenant(tenant_id=TENANT, name=house_of(request).town.name, description=None)],
        groups=[client.department],
        roles=list(client.scopes),
        sales_plan_type=None,
        links={},
        can_logout=False,
    )


def own_version() -> str:
    """The version of Parvis that runs."""
    try:
        return version("parvis")
    except PackageNotFoundError:
        return "0"


HANDLERS = [topology, status, license_of, me]
