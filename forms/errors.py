"""What may go wrong in forms: one tree. Reading a body never raises; only describing a form does."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing to mend in a form's source. `pointer` is a JSON pointer inside `document`; `message` is for its
    designer.
    """

    document: str
    pointer: str
    rule: str
    message: str
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
