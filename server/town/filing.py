"""Filing: an inhabitant's wish becomes a request by the road every citizen takes: draft, files, answers checked,
sent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random
from uuid import UUID, uuid5

import msgspec

from desk import attachments, drafts, filing, uploads
from desk.computing import compute
from desk.drafts import Draft, Origin, Owner
from desk.errors import SlotTaken
from desk.files import FileStore
from engine import deployments
from engine.actor import Actor
from forms import validate
from server.errors import ServerError
from server.town.asking import Wish
from server.town.inhabitants import Inhabitant
from server.town.pictures import paper, picture
from web.pages.forms_of import form_of

Ask = Callable[..., Awaitable[Wish | None]]
NAMESPACE = UUID("5a1c7a3e-52a1-4a55-9d2b-2f7a6f0c5a11")


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests are filed: the folder of files, the follow-up address, and who types for those who come."""

    files: FileStore
    follow_url: str
    reception: Actor


async def file_request(desk: Desk, procedure: str, ask: Ask, who: Inhabitant, chance: Random, now: datetime) -> bool:
    """File what `ask` makes up; False when there was nothing to ask for (no free slot). Raises `ServerError` for
    answers
    that the
    form refuses: then the story and the form contradict each other."""
    origin: Origin = chance.choice(("counter", "phone")) if who.comes_to_the_counter else "online"
    by = desk.reception if origin != "online" else Actor(kind="citizen", name="")
    owner = Owner(browser=str(uuid5(NAMESPACE, who.name)), person=by.id)
    deployment = await deployments.active(procedure)
    form = deployment.manifest.start_forms[0].form
    draft = await drafts.begin(
        procedure, form=form, definition_hash=deployment.hash, owner=owner, now=now, origin=origin
    )
    wish = await ask(chance, who, now, attacher(desk.files, chance, now, draft_id=draft.id))
    if wish is None:
        await drafts.discard(draft.id, owner, now)
        return False
    if wish.form != form:
        draft = await _on_form(draft, wish, owner, now)
    wish = await _checked(wish, deployment.hash, now)
    await drafts.save_page(draft.id, owner, answers=wish.answers, page="", now=now)
    try:
        await filing.file(draft.id, owner, by=by, now=now, follow_url=desk.follow_url)
    except SlotTaken:
        return False
    return True


def attacher(
    files: FileStore, chance: Random, now: datetime, *, draft_id: UUID | None = None, case_id: UUID | None = None
) -> Callable[[str, str], Awaitable[dict[str, str]]]:
    """Stores the files that stories attach, as the page's upload does."""

    async def attach(field: str, name: str) -> dict[str, str]:
        content = picture(chance) if name.endswith(".jpg") else paper(name)
        checked = await asyncio.to_thread(uploads.check, name, content)
        kept = await attachments.store(checked, files=files, now=now, field=field, draft_id=draft_id, case_id=case_id)
        return {"id": str(kept.id), "name": kept.name}

    return attach


async def _on_form(draft: Draft, wish: Wish, owner: Owner, now: datetime) -> Draft:
    """A draft on the start form that the story chose; what was attached stays with the owner's first draft."""
    return await drafts.begin(
        wish.procedure, form=wish.form, definition_hash=draft.definition_hash, owner=owner, now=now, origin=draft.origin
    )


async def _checked(wish: Wish, definition_hash: str, now: datetime) -> Wish:
    definition = await deployments.definition_of(definition_hash)
    form = await form_of(definition_hash, wish.form)
    answers = compute(definition, form, wish.answers, now)
    problems = validate(form, answers, now=now)
    if problems:
        told = ", ".join(f"{problem.pointer} ({problem.message.id})" for problem in problems)
        raise ServerError(f"Expected valid answers to {wish.procedure}/{wish.form}, but: {told}.")
    return msgspec.structs.replace(wish, answers=answers)
