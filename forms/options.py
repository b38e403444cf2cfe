"""The `options` a designer may write on an element of the UI schema: one closed list, documented in
docs/reference/forms.md.
"""

from typing import Any, Literal

import msgspec

Widget = Literal[
    "",
    "text",
    "textarea",
    "radio",
    "select",
    "search",
    "checkbox",
    "consent",
    "money",
    "date-parts",
    "date-picker",
    "slot",
    "phone",
    "email",
    "attachments",
    "signature",
    "address",
    "place",
    "period",
    "coordinate",
    "read-only",
]


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link under an explanation text."""

    url: str
    text: str


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Every option of ours. Lengths are in characters, sizes in bytes; texts are in French and translated like
    labels.
    """

    widget: Widget = ""
    hint: str = ""
    autocomplete: str = ""
    inputmode: Literal["", "text", "numeric", "decimal", "tel", "email", "url"] = ""
    width: Literal["", "xs", "s", "m", "l"] = ""
    unit: str = ""
    rows: int = 5
    spellcheck: bool = True
    min_date: str = ""
    max_date: str = ""
    weekday: bool = False
    source: str = ""
    accept: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png")
    max_count: int = 5
    max_bytes: int = 10_000_000
    item_label: str = ""
    add_label: str = ""
    compute: str = ""
    prefill: str = ""
    purpose: str = ""
    retention: str = ""
    sensitive: bool = False
    review: bool = True
    errors: dict[str, str] = {}
    style: Literal["", "plain", "notice", "warning"] = ""
    links: tuple[Link, ...] = ()
    detail: Any = None
    # Written by JSON Forms designers; the first two say nothing more than our widgets, so they are understood as them.
    format: Literal["", "radio", "select"] = ""
    multi: bool = False


OPTION_NAMES = frozenset(field.encode_name for field in msgspec.structs.fields(Options))
