"""Town templates: connectors without code that an administrator adds: an element template with a recipe. Checked whole
before they are kept; a step may use them at once."""

from datetime import datetime

import msgspec

from connectors.catalogue import OURS, Template, template_of
from connectors.errors import TemplateBroken, TemplateRefused
from connectors.recipes import problems_of
from connectors.store import row, rows, run
from engine.encoding import json_text
from engine.feel.sentences import Sentence

LARGEST = 200_000
PREFIX = "town:"
UNREADABLE = "The recipe cannot be read: {0}."


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A template of the town."""

    template: Template
    active: bool
    changed_at: datetime
    changed_by_name: str


async def keep(content: bytes, *, by_name: str, now: datetime) -> Template:
    """Add or replace a connector. Raises `TemplateRefused` with the reason."""
    template = checked(content)
    await run(
        "INSERT INTO connectors_template (job_type, document, active, changed_at, changed_by_name) "
        "VALUES ($1, $2::text::jsonb, true, $3, $4) ON CONFLICT (job_type) DO UPDATE SET "
        "document = excluded.document, active = true, changed_at = excluded.changed_at, "
        "changed_by_name = excluded.changed_by_name",
        *(template.job_type, json_text(template.document), now, by_name),
    )
    return template


async def switch(job_type: str, *, active: bool, by_name: str, now: datetime) -> None:
    """Take a connector out of use, or back."""
    await run(
        "UPDATE connectors_template SET active = $2, changed_at = $3, changed_by_name = $4 WHERE job_type = $1",
        *(job_type, active, now, by_name),
    )


async def all_kept() -> list[Kept]:
    """Every template of the town."""
    found = await rows(
        "SELECT document::text AS document, active, changed_at, changed_by_name FROM connectors_template "
        "ORDER BY job_type LIMIT 200"
    )
    return [
        Kept(
            template=template_of(each["document"].encode(), "template"),
            active=each["active"],
            changed_at=each["changed_at"],
            changed_by_name=each["changed_by_name"],
        )
        for each in found
    ]


async def active() -> list[Template]:
    """Those in use."""
    return [each.template for each in await all_kept() if each.active]


async def get(job_type: str) -> Template | None:
    """One of them."""
    found = await row("SELECT document::text AS document FROM connectors_template WHERE job_type = $1", job_type)
    return template_of(found["document"].encode(), "template") if found is not None else None


def checked(content: bytes) -> Template:
    """The template, when it can work. Raises `TemplateRefused`."""
    if len(content) > LARGEST:
        raise TemplateRefused("The file is larger than 200 kB.")
    try:
        template = template_of(content, "template.json")
    except TemplateBroken as error:
        raise TemplateRefused("This is not an element template with a job type.") from error
    recipe, part = template.beyond.recipe, template.connection
    if not template.job_type.startswith(PREFIX) or template.id.startswith(f"{OURS}."):
        raise TemplateRefused("The job type must begin with “town:”, and the id must not begin with “parvis.”.")
    if recipe is None or part is None or not part.fields or "url" not in part.host_fields:
        raise TemplateRefused("Under “parvis” there must be a recipe, and a connection with the field “url”.")
    if wrong := problems_of(recipe):
        raise TemplateRefused(Sentence(UNREADABLE, (", ".join(wrong),)))
    return template
