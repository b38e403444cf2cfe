"""Opinions: what surveys say, by procedure, version, step and what was measured. Read only: see `desk.surveys`."""

from datetime import datetime
from typing import Any

import msgspec

from desk.store import rows
from desk.store.reading import from_json
from desk.surveys import DIMENSIONS, Scale


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """The average of one dimension (1 to 5) over those who gave it."""

    name: str
    answered: int
    average: float | None


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to one step of one version. `version` is None for a version that is not known any more."""

    procedure: str
    definition_hash: str
    version: int | None
    element_id: str
    measure: str
    scale: Scale
    invited: int
    answered: int
    scores: dict[int, int]
    dimensions: tuple[Dimension, ...] = ()

    @property
    def average(self) -> float | None:
        """The mean score; None when nobody answered."""
        return sum(score * count for score, count in self.scores.items()) / self.answered if self.answered else None

    @property
    def index(self) -> int | None:
        """Of a recommendation: the share of 9 and 10 less that of 0 to 6, in points from -100 to 100. Of anything else:
        the share of the two best scores, in percent. None when nobody answered."""
        if not self.answered:
            return None
        best = 9 if self.scale == "0-10" else 4
        happy = sum(count for score, count in self.scores.items() if score >= best)
        if self.measure != "recommendation":
            return round(100 * happy / self.answered)
        unhappy = sum(count for score, count in self.scores.items() if score <= 6)
        return round(100 * (happy - unhappy) / self.answered)


QUESTION = """
SELECT i.procedure, i.definition_hash, d.version, i.element_id, i.measure, i.scale, count(*) AS invited,
    count(a.score) AS answered,
    (SELECT coalesce(jsonb_object_agg(score, number), '{}') FROM (
        SELECT x.score, count(*) AS number
        FROM unnest(array_agg(a.score) FILTER (WHERE a.score IS NOT NULL)) AS x(score)
        GROUP BY x.score) counted)::text AS scores,
    (SELECT coalesce(jsonb_object_agg(key, jsonb_build_array(number, total)), '{}') FROM (
        SELECT e.key, count(*) AS number, sum(e.value::int) AS total
        FROM unnest(array_agg(a.dimensions) FILTER (WHERE a.dimensions IS NOT NULL)) AS x(given),
            jsonb_each_text(x.given) e
        GROUP BY e.key) summed)::text AS dimensions
FROM desk_invitation i LEFT JOIN desk_survey_answer a ON a.invitation_id = i.id
LEFT JOIN engine_deployment d ON d.hash = i.definition_hash AND d.slug = i.procedure
WHERE i.invited_at >= $1 AND i.invited_at < $2
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY i.procedure, d.version DESC NULLS LAST, i.element_id, i.measure LIMIT 1000
"""


async def opinions(since: datetime, until: datetime) -> tuple[Opinion, ...]:
    """What was said about invitations of this period."""
    return tuple(_opinion(each) for each in await rows(QUESTION, since, until))


def _opinion(record: Any) -> Opinion:
    summed: dict[str, list[int]] = from_json(record["dimensions"])
    found = [(name, *summed.get(name, (0, 0))) for name in DIMENSIONS]
    dimensions = tuple(
        Dimension(name=name, answered=number, average=total / number if number else None)
        for name, number, total in found
    )
    return Opinion(
        procedure=record["procedure"],
        definition_hash=record["definition_hash"],
        version=record["version"],
        element_id=record["element_id"],
        measure=record["measure"],
        scale=record["scale"],
        invited=record["invited"],
        answered=record["answered"],
        scores={int(score): count for score, count in from_json(record["scores"]).items()},
        dimensions=dimensions if record["measure"] == "epic" else (),
    )
