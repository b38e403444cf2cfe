"""Surveys: one invitation, one answer, one score. Never sends the invitation: the connector does."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from desk.errors import AlreadyAnswered, InvitationExpired, InvitationNotFound, ScoreOutOfScale, WordsTooLong
from desk.outlines import outline_of
from desk.store import row, rows, transaction
from desk.store.reading import from_json, to_json, to_struct
from desk.tokens import derived, digest
from engine.ids import new_id

Scale = Literal["1-5", "0-10"]

SCORES: dict[str, range] = {"1-5": range(1, 6), "0-10": range(11)}
QUESTION = {
    "fr": "Êtes-vous satisfait de la façon dont votre demande a été traitée ?",
    "en": "Are you satisfied with how your request was handled?",
}
MEASURES: dict[str, tuple[Scale, dict[str, str]]] = {
    "satisfaction": ("1-5", QUESTION),
    "effort": (
        "1-5",
        {
            "fr": "Votre démarche a-t-elle été facile ? De 1, très difficile, à 5, très facile.",
            "en": "Was your request easy to make? From 1, very hard, to 5, very easy.",
        },
    ),
    "recommendation": (
        "0-10",
        {
            "fr": "Conseilleriez-vous cette démarche en ligne à un proche ? De 0, pas du tout, à 10, tout à fait.",
            "en": "Would you recommend this online service to somebody close? From 0, not at all, to 10, absolutely.",
        },
    ),
    "epic": ("1-5", QUESTION),
}
"""What a survey may measure: its scale and its question, in both languages. `epic` also asks the dimensions."""
DIMENSIONS = ("elevation", "pride", "insight", "connection")
"""What makes a moment remembered (EPIC: elevation, pride, insight, connection), each from 1 to 5, each optional."""
LONGEST = 3_000

SELECTION = """
SELECT i.id, i.case_id, i.procedure, c.reference, (d.manifest->'title')::text AS title, d.version AS deployment_version,
    i.question::text AS question, i.scale, i.language, i.invited_at, i.expires_at, a.answered_at,
    i.measure, i.element_id
FROM desk_invitation i JOIN engine_case c ON c.id = i.case_id
LEFT JOIN engine_deployment d ON d.hash = i.definition_hash LEFT JOIN desk_survey_answer a ON a.invitation_id = i.id
"""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What an invitation asks: of which `measure`, by which step, and how. `token` is the SHA-256 of its token."""

    token: str
    language: str
    scale: Scale = "1-5"
    question: dict[str, str]
    measure: str = "satisfaction"
    element_id: str = ""
    days: int = 60


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation to answer. `title` is the procedure's title by language; `answered_at` is set once answered."""

    id: UUID
    case_id: UUID
    reference: str
    procedure: str
    title: dict[str, str]
    deployment_version: int | None
    question: dict[str, str]
    scale: Scale
    language: str
    invited_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    measure: str = "satisfaction"
    element_id: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions it asks besides the score."""
        return DIMENSIONS if self.measure == "epic" else ()

    @property
    def scores(self) -> range:
        """The scores one may give, lowest first."""
        return SCORES[self.scale]


class Satisfaction(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a procedure: `scores` counts answers by score; `average` on the scale; None when nobody answered."""

    procedure: str
    scale: Scale
    invited: int
    answered: int
    scores: dict[int, int]
    average: float | None


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One comment with its score."""

    case_id: UUID
    procedure: str
    score: int
    words: str
    answered_at: datetime


async def invite(
    case_id: UUID,
    *,
    secret: bytes,
    key: str,
    now: datetime,
    scale: Scale = "1-5",
    question: dict[str, str] | None = None,
    days: int = 60,
    measure: str = "satisfaction",
    element_id: str = "",
) -> tuple[Invitation, str]:
    """Invite the applicant of a case; returns the invitation and its token (for /enquete/<token>). The same `key`
    gives the same. `measure` and `element_id` say what is asked and by which step of the version."""
    token = token_of(secret, key)
    async with transaction():
        asked = Question(
            token=digest(token),
            language=(await outline_of(case_id)).language,
            scale=scale,
            question=question or QUESTION,
            measure=measure,
            element_id=element_id,
            days=days,
        )
        await record(case_id, asked, key=key, now=now)
        return await _invitation(token), token


async def record(case_id: UUID, asked: Question, *, key: str, now: datetime) -> None:
    """The applicant is invited from now on. The same `key` invites once."""
    facts = await outline_of(case_id)
    await row(
        "INSERT INTO desk_invitation (id, case_id, procedure, definition_hash, key, token, question, scale, "
        "language, invited_at, expires_at, measure, element_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13) "
        "ON CONFLICT (key) DO NOTHING RETURNING id",
        *(new_id(now), case_id, facts.procedure, facts.definition_hash, key, asked.token, to_json(asked.question)),
        *(asked.scale, asked.language, now, now + timedelta(days=asked.days), asked.measure, asked.element_id),
    )


def token_of(secret: bytes, key: str) -> str:
    """The token (of /enquete/<token>) of the invitation with this key, sent or not."""
    return derived(secret, "survey", key)


async def invited_lately(case_id: UUID, now: datetime, within: timedelta) -> bool:
    """Whether the applicant of this case, known by the e-mail address, was invited about any other case since then."""
    found = await row(
        "SELECT i.id FROM engine_case mine JOIN engine_case other ON lower(other.applicant_email) = "
        "lower(mine.applicant_email) AND other.id <> mine.id JOIN desk_invitation i ON i.case_id = other.id "
        "WHERE mine.id = $1 AND i.invited_at > $2 LIMIT 1",
        *(case_id, now - within),
    )
    return found is not None


async def awaited(case_id: UUID, *, secret: bytes, now: datetime) -> str | None:
    """The token of the case's latest invitation, while it waits for its answer; None: answered, over or never sent."""
    found = await row(
        "SELECT i.key, i.expires_at, a.answered_at FROM desk_invitation i LEFT JOIN desk_survey_answer a "
        "ON a.invitation_id = i.id WHERE i.case_id = $1 ORDER BY i.invited_at DESC, i.id DESC LIMIT 1",
        case_id,
    )
    if found is None or found["answered_at"] is not None or found["expires_at"] <= now:
        return None
    return token_of(secret, found["key"])


async def of_token(token: str, now: datetime) -> Invitation:
    """The invitation of a token, answered or not. Raises `InvitationNotFound`, `InvitationExpired`."""
    invitation = await _invitation(token)
    if invitation.expires_at <= now:
        raise InvitationExpired(invitation_id=invitation.id)
    return invitation


async def answer(
    token: str, *, score: int, comment: str = "", now: datetime, dimensions: dict[str, int] | None = None
) -> Invitation:
    """Store the one answer; `dimensions` (1 to 5) are those the invitation asks, some or none.

    Raises `InvitationNotFound`, `InvitationExpired`, `AlreadyAnswered`, `ScoreOutOfScale`,
    `WordsTooLong`."""
    comment = comment.replace("\r\n", "\n").strip()
    if len(comment) > LONGEST:
        raise WordsTooLong(longest=LONGEST)
    async with transaction():
        invitation = await of_token(token, now)
        given = dimensions or {}
        fits = all(name in invitation.dimensions and each in SCORES["1-5"] for name, each in given.items())
        if score not in invitation.scores or not fits:
            raise ScoreOutOfScale(scale=invitation.scale)
        made = await row(
            "INSERT INTO desk_survey_answer (invitation_id, case_id, procedure, score, comment, answered_at, "
            "dimensions) VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb) ON CONFLICT DO NOTHING RETURNING answered_at",
            *(invitation.id, invitation.case_id, invitation.procedure, score, comment, now, to_json(given)),
        )
        if made is None:
            raise AlreadyAnswered(invitation_id=invitation.id)
    return msgspec.structs.replace(invitation, answered_at=now)


async def figures(*, since: datetime | None = None, until: datetime | None = None) -> tuple[Satisfaction, ...]:
    """Satisfaction by procedure (and scale), by date of invitation; other measures are in `desk.opinions`."""
    found = await rows(
        "SELECT i.procedure, i.scale, a.score, count(*) AS number FROM desk_invitation i "
        "LEFT JOIN desk_survey_answer a ON a.invitation_id = i.id "
        "WHERE i.measure IN ('satisfaction', 'epic', 'other') "
        "AND ($1::timestamptz IS NULL OR i.invited_at >= $1) AND ($2::timestamptz IS NULL OR i.invited_at < $2) "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        *(since, until),
    )
    groups: dict[tuple[str, Any], list[Any]] = {}
    for each in found:
        groups.setdefault((each["procedure"], each["scale"]), []).append(each)
    return tuple(_satisfaction(procedure, scale, counts) for (procedure, scale), counts in groups.items())


async def comments(procedure: str | None = None, *, limit: int = 50) -> tuple[Comment, ...]:
    """The latest comments, empty ones left out."""
    found = await rows(
        "SELECT case_id, procedure, score, comment AS words, answered_at FROM desk_survey_answer "
        "WHERE ($1::text IS NULL OR procedure = $1) AND comment <> '' ORDER BY answered_at DESC LIMIT $2",
        *(procedure, limit),
    )
    return tuple(to_struct(Comment, each) for each in found)


async def of_case(case_id: UUID) -> tuple[Comment, ...]:
    """What the applicant answered about this case."""
    found = await rows(
        "SELECT case_id, procedure, score, comment AS words, answered_at FROM desk_survey_answer WHERE case_id = $1 "
        "ORDER BY answered_at LIMIT 20",
        case_id,
    )
    return tuple(to_struct(Comment, each) for each in found)


async def _invitation(token: str) -> Invitation:
    found = await row(f"{SELECTION} WHERE i.token = $1", digest(token))
    if found is None:
        raise InvitationNotFound()
    title = from_json(found["title"]) or {"fr": found["procedure"], "en": found["procedure"]}
    return to_struct(Invitation, found, question=from_json(found["question"]), title=title)


def _satisfaction(procedure: str, scale: Scale, counts: list[Any]) -> Satisfaction:
    scores = {each["score"]: each["number"] for each in counts if each["score"] is not None}
    answered = sum(scores.values())
    return Satisfaction(
        procedure=procedure,
        scale=scale,
        invited=sum(each["number"] for each in counts),
        answered=answered,
        scores=scores,
        average=sum(score * number for score, number in scores.items()) / answered if answered else None,
    )
