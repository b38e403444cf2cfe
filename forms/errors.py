"""What may go wrong in forms: one tree. Reading a body never raises; only describing a form does."""

import msgspec


class Words(msgspec.Struct, frozen=True):
    """A sentence for a designer: its template (a gettext id) with `{0}`, `{1}`…, and what fills it."""

    template: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.template.format(*self.values)


def told(template: str, *values: object) -> Words:
    """The sentence of a template."""
    return Words(template, tuple(map(str, values)))


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend in a form's source. `pointer` is a JSON pointer inside `document`; `message` is for its
    designer: a gettext id, or one with what fills it.
    """

    document: str
    pointer: str
    rule: str
    message: str | Words
    severity: str = "error"


class FormsError(Exception):
    """Something is wrong with a form."""


class FormRefused(FormsError):
    """The form cannot be read."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        lines = [f"{finding.document}{finding.pointer}: {finding.message}" for finding in findings]
        super().__init__("\n".join(lines) or self.__doc__)


class PageUnknown(FormsError):
    """The form has no such page."""


class FragmentUnknown(FormsError):
    """The library has no such fragment."""
