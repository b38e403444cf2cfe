"""Inputs: reading what an element gives its connector, with plain refusals. Pure but for the sealed answers of the
case."""

from typing import Any

from connectors.errors import InputMissing
from engine import cases
from engine.connector import Job
from engine.feel.sentences import Sentence

EMPTY = "Expected the input “{0}” on the element {1}, but it is empty."


def text_of(job: Job, name: str, default: str | None = None) -> str:
    """A text input (or header of the same name). Raises `InputMissing` when there is neither it nor a default."""
    found = job.input.get(name, job.headers.get(name))
    if found is None or found == "":
        if default is None:
            raise InputMissing(Sentence(EMPTY, (name, job.element_id)))
        return default
    return str(found)


def flag_of(job: Job, name: str, *, default: bool = False) -> bool:
    """A yes/no input; templates may give it as text."""
    found = job.input.get(name, job.headers.get(name))
    return default if found is None else found in (True, "true", "yes")


async def context_of(job: Job, name: str = "values") -> dict[str, Any]:
    """What letters and decisions read: the sealed answers, the variables named in input `values`, and the case."""
    given = job.input.get(name)
    context = dict(given) if isinstance(given, dict) else {}
    if "answers" not in context:
        submission = await cases.submission_of(job.case_id)
        context["answers"] = submission.answers if submission else {}
    return {**context, "case": job.case}


def language_of(job: Job) -> str:
    """The language the applicant reads: `fr` or `en`."""
    return "en" if job.case.get("language") == "en" else "fr"
