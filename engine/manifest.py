"""Manifest: what `manifest.json` says of a procedure, beside its diagrams. Read strictly: an unknown key is a
mistake, not a comment.

Texts that start with `=` are FEEL over `answers` and `case`; they are compiled by the deploy gate and evaluated by
`engine.filing`.
"""

from typing import Annotated, Any, Literal

import msgspec

from engine.deadlines import Term
from engine.errors import ManifestInvalid

Language = Literal["fr", "en"]
Slug = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_-]{0,62}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of the manifest; keys it does not know are refused."""


class Bilingual(Part, frozen=True, kw_only=True):
    """The same words in French, which is required, and in English."""

    fr: Text
    en: str = ""

    def text(self, language: str) -> str:
        """The words in this language; the French ones when they are missing."""
        return (self.en if language == "en" else self.fr) or self.fr


class Keywords(Part, frozen=True, kw_only=True):
    """Words a citizen may search for."""

    fr: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class StartForm(Part, frozen=True, kw_only=True):
    """A form a citizen may begin with, and the start event it begins at (absent: the none start event)."""

    form: Slug
    title: Bilingual
    start: str | None = None


class PersonalData(Part, frozen=True, kw_only=True):
    """What the page must say under GDPR article 13."""

    purpose: Bilingual
    basis: Bilingual
    retention_months: Annotated[int, msgspec.Meta(ge=0, le=1200)]
    recipients: Bilingual


class ApplicantExpressions(Part, frozen=True, kw_only=True):
    """FEEL over the answers: whom the case is for."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Manifest(Part, frozen=True, kw_only=True):
    """A procedure as the catalogue, the receipt and the lists show it."""

    slug: Slug
    title: Bilingual
    summary: Bilingual
    process: Text
    department: Slug
    personal_data: PersonalData
    category: str = ""
    keywords: Keywords = Keywords()
    start_forms: tuple[StartForm, ...] = ()
    lanes: dict[str, Slug] = {}
    term: Term | None = None
    silence: Bilingual | None = None
    duration_minutes: Annotated[int, msgspec.Meta(ge=0, le=600)] | None = None
    papers: tuple[Bilingual, ...] = ()
    cost: Bilingual | None = None
    anonymous: bool = False
    applicant: ApplicantExpressions = ApplicantExpressions()
    title_of_case: str | None = None
    position: str | None = None
    place: str | None = None

    def start_form(self, form: str) -> StartForm | None:
        """The start form of this name, or None."""
        return next((known for known in self.start_forms if known.form == form), None)

    def expressions(self) -> dict[str, str]:
        """Every FEEL expression of the manifest, by the path of its key, with its `=`."""
        written = {
            "applicant.name": self.applicant.name,
            "applicant.email": self.applicant.email,
            "applicant.phone": self.applicant.phone,
            "title_of_case": self.title_of_case,
            "position": self.position,
            "place": self.place,
        }
        return {path: text for path, text in written.items() if text is not None and text.startswith("=")}


def read_manifest(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises `ManifestInvalid` with the path of the first mistake."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.ValidationError as refusal:
        raise ManifestInvalid(*_located(str(refusal))) from refusal
    except (msgspec.DecodeError, RecursionError) as refusal:
        raise ManifestInvalid(f"this is not JSON ({refusal})") from refusal
    _check_term(manifest.term)
    return manifest


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain JSON values."""
    document: dict[str, Any] = msgspec.to_builtins(manifest)
    return document


def _check_term(term: Term | None) -> None:
    if term is None:
        return
    given = [count for count in (term.working_days, term.days) if count is not None]
    if len(given) != 1 or not 0 < given[0] <= 3660:
        raise ManifestInvalid("expected either working_days or days, from 1 to 3660", "$.term")


def _located(message: str) -> tuple[str, str]:
    reason, _, path = message.partition(" - at `")
    return reason, path.rstrip("`") or "$"
