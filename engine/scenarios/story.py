"""Story: a scenario file as values. The format is written down in docs/reference/scenarios.md; unknown keys are
mistakes.
"""

from datetime import datetime
from typing import Any

import msgspec

from engine.errors import ScenarioInvalid

FIRST_MORNING = datetime.fromisoformat("2026-12-01T09:00:00+01:00")
ACTIONS = (
    "complete",
    "job",
    "advance",
    "until",
    "message",
    "signal",
    "child",
    "resolve",
    "set",
    "cancel",
    "expect",
)


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One object of a scenario file."""


class Answer(Part, frozen=True, kw_only=True):
    """What a connector answers."""

    returns: dict[str, Any] = {}
    case: dict[str, Any] = {}
    error: str | None = None
    message: str = ""
    variables: dict[str, Any] = {}
    fails: str | None = None


class GivenApplicant(Part, frozen=True, kw_only=True):
    """Whom the case is for."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Given(Part, frozen=True, kw_only=True):
    """What the case starts with."""

    answers: dict[str, Any] = {}
    form: str | None = None
    start: str | None = None
    variables: dict[str, Any] = {}
    origin: str = "online"
    channel: str = "email"
    language: str = "fr"
    applicant: GivenApplicant | None = None
    now: datetime = FIRST_MORNING


class Step(Part, frozen=True, kw_only=True):
    """One step: exactly one of `ACTIONS`, with what belongs to it."""

    complete: str | None = None
    answers: dict[str, Any] = {}
    job: str | None = None
    returns: dict[str, Any] = {}
    case: dict[str, Any] = {}
    error: str | None = None
    fails: str | None = None
    advance: str | None = None
    until: datetime | None = None
    message: str | None = None
    key: str | None = None
    variables: dict[str, Any] = {}
    signal: str | None = None
    child: str | None = None
    resolve: str | None = None
    set: dict[str, Any] | None = None
    cancel: str | None = None
    expect: dict[str, Any] | None = None

    @property
    def action(self) -> str:
        """Which step it is. `message` beside `job` is the error's message, not a step."""
        return "job" if self.job is not None else self.actions()[0]

    def actions(self) -> list[str]:
        """Every action it names."""
        named = [name for name in ACTIONS if getattr(self, name) is not None]
        return [name for name in named if name != "message" or "job" not in named]

    def answer(self) -> Answer:
        """The connector's answer this step gives."""
        return Answer(
            returns=self.returns,
            case=self.case,
            error=self.error,
            message=self.message or "",
            variables=self.variables,
            fails=self.fails,
        )


class Story(Part, frozen=True, kw_only=True):
    """One scenario."""

    name: str
    given: Given = Given()
    stubs: dict[str, Answer] = {}
    steps: tuple[Step, ...] = ()


def read_stories(content: bytes, file: str) -> tuple[Story, ...]:
    """The scenarios of one file: an object, or a list of them. Raises `ScenarioInvalid` with the place."""
    try:
        stories = (
            msgspec.json.decode(content, type=tuple[Story, ...])
            if content.lstrip().startswith(b"[")
            else (msgspec.json.decode(content, type=Story),)
        )
    except (msgspec.ValidationError, msgspec.DecodeError) as refusal:
        raise ScenarioInvalid(str(refusal), file) from refusal
    for story in stories:
        if story.given.now.tzinfo is None:
            raise ScenarioInvalid(f"{story.name}: “now” must say its offset, such as +01:00", file)
        for number, step in enumerate(story.steps, 1):
            if len(step.actions()) != 1:
                found = ", ".join(step.actions()) or "none"
                raise ScenarioInvalid(f"{story.name}: step {number} must have one action, but it has {found}", file)
    return stories
