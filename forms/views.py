"""Views: what the templates draw, ready to be written down. Values only; `rendering` builds them. Texts are in the
reader's language, except `Message`s, which templates say through gettext.
"""

from typing import Literal, TypeAlias

import msgspec

from forms.messages import Message


class ChoiceView(msgspec.Struct, frozen=True):
    """One radio button, tick box or option. `group` is set on the first choice of each group."""

    id: str
    token: str
    label: str
    hint: str = ""
    hint_id: str = ""
    group: str = ""
    checked: bool = False


class FileView(msgspec.Struct, frozen=True):
    """A file already sent."""

    id: str
    name: str


class PartView(msgspec.Struct, frozen=True):
    """One part of a date."""

    part: str
    id: str
    name: str
    value: str
    autocomplete: str = ""


class FieldView(msgspec.Struct, frozen=True):
    """One question. `shown_when` is JSON for the page's script, "" when the question is always shown."""

    id: str
    name: str
    kind: str
    label: str
    hint: str = ""
    hint_id: str = ""
    errors: tuple[Message, ...] = ()
    error_id: str = ""
    described_by: str = ""
    optional: bool = False
    disabled: bool = False
    value: str | Message = ""
    values: tuple[str | Message, ...] = ()
    choices: tuple[ChoiceView, ...] = ()
    select: bool = False
    parts: tuple[PartView, ...] = ()
    files: tuple[FileView, ...] = ()
    accept: str = ""
    max_count: int = 0
    max_megabytes: int = 0
    autocomplete: str = ""
    inputmode: str = ""
    input_type: str = "text"
    width: str = ""
    unit: str = ""
    rows: int = 5
    max_length: int = 0
    spellcheck: bool = True
    widget: str = ""
    shown_when: str = ""
    shape: Literal["field"] = "field"


class GroupView(msgspec.Struct, frozen=True):
    """Questions under one legend."""

    id: str
    label: str
    elements: tuple["ElementView", ...]
    hint: str = ""
    hint_id: str = ""
    widget: str = ""
    optional: bool = False
    errors: tuple[Message, ...] = ()
    error_id: str = ""
    described_by: str = ""
    shown_when: str = ""
    shape: Literal["group"] = "group"


class ItemView(msgspec.Struct, frozen=True):
    """One item of a repeat. `remove` is the value of its removing button."""

    id: str
    name: str
    label: str
    remove: str
    elements: tuple["ElementView", ...]


class RepeatView(msgspec.Struct, frozen=True):
    """Items that may be added and removed. `add` is the value of the adding button, "" when no more may be added."""

    id: str
    name: str
    label: str
    items: tuple[ItemView, ...]
    add: str
    add_label: str = ""
    item_label: str = ""
    hint: str = ""
    hint_id: str = ""
    optional: bool = False
    errors: tuple[Message, ...] = ()
    error_id: str = ""
    described_by: str = ""
    shown_when: str = ""
    shape: Literal["repeat"] = "repeat"


class LinkView(msgspec.Struct, frozen=True):
    """A link under a text."""

    url: str
    text: str


class BlockView(msgspec.Struct, frozen=True):
    """A paragraph, or a list when it has points."""

    text: str = ""
    points: tuple[str, ...] = ()


class TextView(msgspec.Struct, frozen=True):
    """Words between questions."""

    blocks: tuple[BlockView, ...]
    style: str = "plain"
    links: tuple[LinkView, ...] = ()
    shown_when: str = ""
    shape: Literal["text"] = "text"


ElementView: TypeAlias = FieldView | GroupView | RepeatView | TextView


class ErrorView(msgspec.Struct, frozen=True):
    """A line of the error summary, linked to its field; `href` where the field is on another page."""

    id: str
    message: Message
    href: str = ""


class PageView(msgspec.Struct, frozen=True):
    """One page to draw. `number` of `count` pages now shown; `has_files` asks for a multipart form, `has_search`
    for the script that searches, `has_place` for what a map needs, if the town has one."""

    id: str
    number: int
    count: int
    title: str
    hint: str
    elements: tuple[ElementView, ...]
    summary: tuple[ErrorView, ...] = ()
    has_files: bool = False
    has_search: bool = False
    has_place: bool = False
