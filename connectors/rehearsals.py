"""Rehearsals: dry runs: what a step would do with these inputs, for an example case. Nothing leaves or is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from connectors import redaction
from connectors.catalogue import Template
from engine.connector import BusinessError, Connector, Failure, Job, Preview
from engine.errors import EngineError
from engine.feel import FeelError, compile_expression
from engine.feel.sentences import Sentence, Translate

UNREADABLE = "An expression cannot be read: “{0}”."
NOBODY = UUID(int=0)
APPLICANT = {"name": "Camille Exemple", "email": "camille@example.org", "phone": "+33612345678"}
CASE = {"reference": "2026-000000", "language": "fr", "department": "", "applicant": APPLICANT, "followUrl": ""}


class NotRehearsed(Exception):
    """The dry run could not be made; `reason` is a sentence, or a gettext id."""

    def __init__(self, reason: Sentence | str) -> None:
        super().__init__(str(reason))
        self.reason = reason

    def says(self, translate: Translate) -> str:
        """Why, in the reader's language."""
        return self.reason.says(translate) if isinstance(self.reason, Sentence) else translate(self.reason)


async def rehearse(
    connector: Connector, template: Template, inputs: dict[str, str], *, definition_hash: str, now: datetime
) -> Preview:
    """What the job would do. Inputs that begin with `=` are FEEL over `case` and `answers` (the input of that name).
    Raises `NotRehearsed`."""
    preview = getattr(connector, "preview", None)
    if preview is None:
        raise NotRehearsed("This connector has no dry run.")
    job = Job(
        id=NOBODY,
        type=template.job_type,
        case_id=NOBODY,
        procedure="",
        definition_hash=definition_hash,
        element_id="",
        attempt=1,
        input=_read(inputs, now),
        headers={},
        case=CASE,
    )
    with redaction.watched() as secrets:
        try:
            made: Preview = await preview(job, now)
        except (Failure, BusinessError, EngineError) as error:
            raise NotRehearsed(getattr(error, "sentence", None) or str(error)) from error
        lines = tuple((label, _hidden(said, secrets)) for label, said in made.lines)
    return Preview(lines=lines)


def _read(inputs: dict[str, str], now: datetime) -> dict[str, Any]:
    answers = _value(inputs.get("answers", ""), {"case": CASE}, now) or {}
    seen = {"case": CASE, "answers": answers}
    found = {name: _value(text, seen, now) for name, text in inputs.items() if text and name != "answers"}
    values = found.get("values")
    return {**found, "values": {"answers": answers, **(values if isinstance(values, dict) else {})}}


def _value(text: str, seen: dict[str, Any], now: datetime) -> Any:
    if not text.startswith("="):
        return text
    try:
        return compile_expression(text[1:]).evaluate(seen, now)
    except FeelError as error:
        raise NotRehearsed(Sentence(UNREADABLE, (text[:80],))) from error


def _hidden(said: str, secrets: set[str]) -> str:
    for each in secrets:
        said = said.replace(each, redaction.HIDDEN)
    return said
