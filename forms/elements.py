"""What a form is made of once read: pages of groups, fields, repeats and texts. Values only; `document` builds them,
nobody changes them.

A field's `path` is relative to its container: the answers as a whole, or one item of a repeat.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from jsonschema_rs import Draft202012Validator

from forms.errors import PageUnknown
from forms.options import Options
from forms.typography import typeset

Answers: TypeAlias = dict[str, Any]
JSONSchema: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]
Language: TypeAlias = Literal["fr", "en"]
Effect: TypeAlias = Literal["SHOW", "HIDE", "ENABLE", "DISABLE"]
Kind: TypeAlias = Literal[
    "text",
    "long_text",
    "number",
    "money",
    "yes_no",
    "consent",
    "choice",
    "choices",
    "slot",
    "date",
    "moment",
    "time",
    "email",
    "phone",
    "attachments",
    "signature",
    "read_only",
]


class Condition(msgspec.Struct, frozen=True, eq=False):
    """A JSON Forms condition: the value at `path` (relative to the container) satisfies `validator`; or several of
    them.
    """

    path: Path = ()
    schema: JSONSchema = {}
    validator: Draft202012Validator | None = None
    fail_when_undefined: bool = False
    combine: Literal["AND", "OR"] | None = None
    conditions: tuple["Condition", ...] = ()


class Rule(msgspec.Struct, frozen=True, eq=False):
    """When an element is shown or may be answered."""

    effect: Effect
    condition: Condition


class Choice(msgspec.Struct, frozen=True):
    """One possible answer. `group` heads several of them (a day of slots); `token` is what the browser sends."""

    value: Any
    label: str
    hint: str = ""
    group: str = ""
    token: str = ""


class Attachment(msgspec.Struct, frozen=True):
    """A file the server has received for this draft."""

    id: str
    name: str


class Field(msgspec.Struct, frozen=True, eq=False):
    """One question with one answer. `requirement`: always, sometimes (a condition of the schema asks for it) or
    never.
    """

    path: Path
    kind: Kind
    label: str
    schema: JSONSchema
    hint: str = ""
    requirement: Literal["always", "sometimes", "never"] = "never"
    choices: tuple[Choice, ...] = ()
    options: Options = Options()
    rules: tuple[Rule, ...] = ()
    source: str = ""
    validator: Draft202012Validator | None = None


class Repeat(msgspec.Struct, frozen=True, eq=False):
    """A list of items, each answered by the same elements; paths of `elements` are relative to the item."""

    path: Path
    label: str
    item_label: str
    elements: tuple["Element", ...]
    schema: JSONSchema
    hint: str = ""
    requirement: Literal["always", "sometimes", "never"] = "never"
    options: Options = Options()
    rules: tuple[Rule, ...] = ()
    source: str = ""


class Group(msgspec.Struct, frozen=True, eq=False):
    """Elements under one legend. `widget` names a way to draw it (address, place, period); "" is a plain fieldset."""

    label: str
    elements: tuple["Element", ...]
    hint: str = ""
    path: Path | None = None
    optional: bool = False
    options: Options = Options()
    rules: tuple[Rule, ...] = ()
    source: str = ""


class Text(msgspec.Struct, frozen=True, eq=False):
    """Words between questions."""

    text: str
    options: Options = Options()
    rules: tuple[Rule, ...] = ()
    source: str = ""


Element: TypeAlias = Field | Repeat | Group | Text


class Page(msgspec.Struct, frozen=True, eq=False):
    """One page of the form. `id` is readable and stands in addresses."""

    id: str
    title: str
    elements: tuple[Element, ...]
    hint: str = ""
    rules: tuple[Rule, ...] = ()
    source: str = ""


class Form(msgspec.Struct, frozen=True, eq=False):
    """A whole form. `schema` has every `$ref` inlined; `validator` is compiled from it once."""

    title: str
    description: str
    pages: tuple[Page, ...]
    schema: JSONSchema
    validator: Draft202012Validator
    translations: dict[str, str]

    def page(self, page_id: str) -> Page:
        """The page of that id; raises `PageUnknown`."""
        for page in self.pages:
            if page.id == page_id:
                return page
        raise PageUnknown(page_id)

    def words(self, text: str, language: Language) -> str:
        """A text of the form (written in French) in the language asked; French where nobody translated it."""
        return typeset(text) if language == "fr" else self.translations.get(text, text)
