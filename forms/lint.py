"""Lint: what a designer should mend in a form that can be read: questions nobody reaches, choices without titles,
personal data without purpose… Called by the deploy gate and the form designer. Never changes a form; findings say the
way out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from forms.document import read_form
from forms.elements import Condition, Element, Field, Form, Group, Page, Repeat, Text
from forms.errors import Finding, FormRefused, Words, told
from forms.rules import every_question
from forms.scopes import declared

PERSONAL = frozenset(
    [
        "name",
        "given-name",
        "additional-name",
        "family-name",
        "nickname",
        "email",
        "tel",
        "tel-national",
        "bday",
        "street-address",
        "address-line1",
        "address-line2",
        "postal-code",
        "address-level2",
        "organization",
        "sex",
    ]
)
PERSONAL_WORDS = ("nom", "prénom", "courriel", "e-mail", "téléphone", "adresse", "naissance", "iban")
LONGEST_LABEL, MOST_QUESTIONS = 120, 12
BOTH_REQUIRED = "“{0}” may be hidden and is always required by the schema: require it in an if/then instead."


def check(
    schema: Any, ui: Any = None, translations: Mapping[str, str] | None = None, *, purpose_of_procedure: bool = False
) -> tuple[Finding, ...]:
    """All findings: errors when the form cannot be read, else warnings. `purpose_of_procedure`: the manifest tells why
    personal data are asked, so each field need not.
    """
    try:
        form = read_form(schema, ui, translations)
    except FormRefused as refused:
        return refused.findings
    rules = (_unreachable(form), _pages(form), _later_rules(form), *map(_field_findings, _all_fields(form)))
    found = [finding for rule in rules for finding in rule]
    if not purpose_of_procedure:
        found += _purposes(form)
    if translations is not None:
        found += _untranslated(form, translations)
    return tuple(found)


def _warn(pointer: str, rule: str, message: str | Words, document: str = "ui") -> Finding:
    return Finding(document, pointer, rule, message, "warning")


def _all_fields(form: Form) -> Iterator[Field]:
    for page in form.pages:
        yield from _fields(page.elements)


def _fields(elements: tuple[Element, ...]) -> Iterator[Field]:
    for question in every_question(elements):
        if isinstance(question, Repeat):
            yield from _fields(question.elements)
        else:
            yield question


def _unreachable(form: Form) -> Iterator[Finding]:
    asked = {question.path[0] for page in form.pages for question in every_question(page.elements) if question.path}
    for name, steps in declared(form.schema):
        if name not in asked:
            place = "".join(f"/{step}" for step in steps)
            yield _warn(
                place, "unreachable-field", told("No page asks “{0}”: add a Control or remove it.", name), "schema"
            )


def _pages(form: Form) -> Iterator[Finding]:
    for page in form.pages:
        questions = list(every_question(page.elements))
        if not page.elements:
            yield _warn(page.source, "empty-page", told("The page “{0}” holds nothing: remove it.", page.title))
        if not page.title:
            yield _warn(page.source, "page-title", "Give this page a title: it is its heading and its address.")
        if len(questions) > MOST_QUESTIONS:
            yield _warn(
                page.source, "long-page", told("{0} questions on one page: keep one topic per page.", len(questions))
            )
        for path, condition in _conditions(page):
            if condition.schema in ({"not": {}}, {"not": True}):
                yield _warn(path, "unreachable", "This condition is never met.")


def _later_rules(form: Form) -> Iterator[Finding]:
    place = {question.path: rank for rank, page in enumerate(form.pages) for question in every_question(page.elements)}
    for rank, page in enumerate(form.pages):
        for source, condition in _conditions(page):
            asked = min((r for path, r in place.items() if path[: len(condition.path)] == condition.path), default=rank)
            if condition.path and asked > rank:
                title = form.pages[asked].title
                yield _warn(
                    source,
                    "later-rule",
                    told("This rule reads an answer of a later page, “{0}”: ask it before.", title),
                )
            if page.rules and asked == rank and condition in [rule.condition for rule in page.rules]:
                yield _warn(
                    source, "unreachable-page", "This page waits for an answer that is asked on the page itself."
                )


def _conditions(page: Page) -> Iterator[tuple[str, Condition]]:
    for rule in page.rules:
        yield from _parts(page.source, rule.condition)
    yield from _element_conditions(page.elements)


def _element_conditions(elements: tuple[Element, ...]) -> Iterator[tuple[str, Condition]]:
    for element in elements:
        for rule in element.rules:
            yield from _parts(element.source, rule.condition)
        if isinstance(element, Group):
            yield from _element_conditions(element.elements)


def _parts(source: str, condition: Condition) -> Iterator[tuple[str, Condition]]:
    yield from ((source, part) for part in (condition.conditions or (condition,)))


def _field_findings(field: Field) -> Iterator[Finding]:
    where, title = field.source, field.label
    hidden = any(rule.effect in {"SHOW", "HIDE"} for rule in field.rules)
    if not field.schema.get("title"):
        yield _warn(
            where, "missing-title", told("“{0}” comes from the name of the property: give the property a title.", title)
        )
    if len(title) > LONGEST_LABEL:
        yield _warn(
            where,
            "long-label",
            told("“{0}…” is long: keep the question short and put the rest in the hint.", title[:40]),
        )
    if title.rstrip().endswith("?") and not field.hint and field.kind in {"text", "long_text", "number"}:
        yield _warn(where, "question-without-hint", told("“{0}”: say in a hint what answer is expected.", title))
    listed = cast("dict[str, Any]", field.schema.get("items", {}) if field.kind == "choices" else field.schema)
    if "enum" in listed and any(isinstance(value, str) for value in listed["enum"]):
        yield _warn(
            where,
            "choices-without-titles",
            told("“{0}”: give each choice a title, with oneOf of const and title.", title),
        )
    if hidden and field.requirement == "always":
        yield _warn(where, "required-but-hidden", told(BOTH_REQUIRED, title))
    if _seems_personal(field) and not field.options.autocomplete:
        yield _warn(
            where,
            "missing-autocomplete",
            told("“{0}”: add option autocomplete (a WHATWG token, or “off” for others).", title),
        )


def _seems_personal(field: Field) -> bool:
    words = field.label.lower().replace("’", " ").split()
    return field.kind in {"text", "date"} and bool(words) and words[0].rstrip("s") in PERSONAL_WORDS


def _purposes(form: Form) -> Iterator[Finding]:
    for field in _all_fields(form):
        if field.options.autocomplete in PERSONAL and not field.options.purpose:
            message = told("“{0}” is personal: say why it is asked (option purpose, or in the manifest).", field.label)
            yield _warn(field.source, "missing-purpose", message)


def _untranslated(form: Form, translations: Mapping[str, str]) -> Iterator[Finding]:
    for page in form.pages:
        for source, words in ((page.source, page.title), *_words(page.elements)):
            if words and words not in form.translations:
                yield _warn(source, "untranslated", told("“{0}” has no English translation.", words[:60]))


def _words(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if isinstance(element, Text):
            yield element.source, element.text
            continue
        yield element.source, element.label
        yield element.source, element.hint
        if isinstance(element, Group | Repeat):
            yield from _words(element.elements)
        if isinstance(element, Field):
            yield from ((element.source, str(choice.label)) for choice in element.choices)
