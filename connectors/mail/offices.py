"""Offices: which mail server a job's message leaves through: the connection an administrator set up, else the server of
the settings."""

from typing import Protocol
from uuid import UUID

from connectors.addresses import Network
from connectors.errors import ConnectionMissing
from connectors.mail.post import Post, smtp_of
from connectors.mail.returns import return_address
from connectors.toolbox import Toolbox
from engine.connector import Connection, Job

KIND, DEFAULT = "parvis.mail", "mail"


class Office(Protocol):
    """Where connectors hand their mail in."""

    town: str

    async def of(self, job: Job | None) -> Post:
        """The post a job uses; None: the platform's own notices."""
        ...

    async def named(self, slug: str) -> Post:
        """The post of this name; empty: the platform's own."""
        ...

    def at(self, connection: Connection) -> Post:
        """The post of a connection."""
        ...

    def returns_to(self, post: Post, case_id: UUID) -> str:
        """Where bounces and replies of a case come back; empty when they are not followed."""
        ...


class TownOffice:
    """The posts of a town; `post` is the settings', `secret` proves return addresses."""

    def __init__(self, post: Post, tools: Toolbox, *, permitted: tuple[Network, ...], secret: bytes) -> None:
        self.post, self.town, self.tools, self.permitted, self.secret = post, post.town, tools, permitted, secret

    async def of(self, job: Job | None) -> Post:
        """The connection that the job names, else `mail`, else the settings' server. Raises `ConnectionMissing` when
        a connection is named that does not exist."""
        return await self.named((await self.tools.slug_of(job) if job is not None else None) or DEFAULT)

    async def named(self, slug: str) -> Post:
        """The connection of this name; `mail`, or nothing, falls back on the settings' server. Raises
        `ConnectionMissing`."""
        slug = slug or DEFAULT
        try:
            return self.at(await self.tools.opened(slug, KIND))
        except ConnectionMissing:
            if slug != DEFAULT:
                raise
            return self.post

    def at(self, connection: Connection) -> Post:
        """The post of a connection."""
        return Post(smtp_of(connection, self.permitted, timeout=self.post.smtp.timeout), self.town)

    def returns_to(self, post: Post, case_id: UUID) -> str:
        """The return address, when the connection has one."""
        return return_address(post.smtp.returns, case_id, self.secret) if post.smtp.returns else ""
