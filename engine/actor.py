"""Who acts: handed to every verb, written in the journal. Never looks a person up: the floors above build it."""

from typing import Literal
from uuid import UUID

import msgspec

ActorKind = Literal["citizen", "agent", "administrator", "system"]


class Actor(msgspec.Struct, frozen=True):
    """The author of an action. `departments` are slugs; `id` is absent for the system and for citizens without an
    account.
    """

    kind: ActorKind
    name: str
    id: UUID | None = None
    departments: tuple[str, ...] = ()


SYSTEM = Actor(kind="system", name="Parvis")
