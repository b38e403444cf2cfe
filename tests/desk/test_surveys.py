"""Surveys: one answer per invitation, and figures that follow."""

import asyncio
from datetime import timedelta

import pytest

from desk import opinions, surveys
from desk.errors import AlreadyAnswered, InvitationExpired, InvitationNotFound, ScoreOutOfScale, WordsTooLong
from engine.store.statements import value
from tests.desk.builders import a_case

SECRET = b"secret of the town"


async def invited(now, key: str = "job-1", **told) -> str:
    _, token = await surveys.invite(await a_case(now), secret=SECRET, key=key, now=now, **told)
    return token


async def test_an_invitation_is_answered_once(database, now):
    token = await invited(now)

    await surveys.answer(token, score=4, comment=" Très bien ", now=now)

    with pytest.raises(AlreadyAnswered):
        await surveys.answer(token, score=1, now=now)
    assert [(each.score, each.words) for each in await surveys.comments()] == [(4, "Très bien")]


async def test_inviting_again_with_the_same_key_gives_the_same_token(database, now):
    case = await a_case(now)

    (first, token), (again, same) = [await surveys.invite(case, secret=SECRET, key="j", now=now) for _ in range(2)]

    assert (first.id, token) == (again.id, same)


async def test_the_token_is_stored_only_as_a_hash(database, now):
    token = await invited(now)

    assert await value("SELECT count(*) FROM desk_invitation WHERE token = $1 OR key = $1", token) == 0


async def test_unknown_and_expired_invitations_are_refused(database, now):
    token = await invited(now, days=10)

    with pytest.raises(InvitationNotFound):
        await surveys.of_token("unknown", now)
    with pytest.raises(InvitationExpired):
        await surveys.answer(token, score=3, now=now + timedelta(days=10))


@pytest.mark.parametrize(("scale", "score"), [("1-5", 0), ("1-5", 6), ("0-10", 11)])
async def test_scores_outside_the_scale_are_refused(database, now, scale, score):
    token = await invited(now, scale=scale)

    with pytest.raises(ScoreOutOfScale):
        await surveys.answer(token, score=score, now=now)


async def test_an_endless_comment_is_refused(database, now):
    with pytest.raises(WordsTooLong):
        await surveys.answer(await invited(now), score=3, comment="a" * 4000, now=now)


async def test_figures_count_who_was_invited_and_who_answered(database, now):
    for number, score in enumerate((5, 4, None)):
        token = await invited(now, key=f"job-{number}")
        if score:
            await surveys.answer(token, score=score, now=now)

    (figure,) = await surveys.figures(since=now - timedelta(days=1))

    assert (figure.procedure, figure.invited, figure.answered, figure.average) == ("room_booking", 3, 2, 4.5)
    assert figure.scores == {4: 1, 5: 1}
    assert await surveys.figures(since=now + timedelta(days=1)) == ()


GIVEN = {"elevation": 5, "connection": 3}


async def test_the_dimensions_are_stored_with_the_step_and_the_version(database, now):
    token = await invited(now, measure="epic", element_id="AskOpinion")

    await surveys.answer(token, score=4, now=now, dimensions=GIVEN)
    other = await invited(now, key="job-2", measure="epic", element_id="AskOpinion")
    await surveys.answer(other, score=2, now=now, dimensions={"elevation": 2})

    (opinion,) = await opinions.opinions(now - timedelta(days=1), now + timedelta(days=1))
    told = [(each.name, each.answered, each.average) for each in opinion.dimensions]
    assert (opinion.element_id, opinion.definition_hash, opinion.measure) == ("AskOpinion", "hash", "epic")
    assert told == [("elevation", 2, 3.5), ("pride", 0, None), ("insight", 0, None), ("connection", 1, 3.0)]
    assert (opinion.average, opinion.index) == (3.0, 50)


@pytest.mark.parametrize("dimensions", [{"elevation": 6}, {"elevation": 0}, {"beauty": 3}])
async def test_dimensions_that_are_not_asked_or_out_of_scale_are_refused(database, now, dimensions):
    token = await invited(now, measure="epic")

    with pytest.raises(ScoreOutOfScale):
        await surveys.answer(token, score=4, now=now, dimensions=dimensions)


async def test_a_survey_of_effort_asks_no_dimension(database, now):
    with pytest.raises(ScoreOutOfScale):
        await surveys.answer(await invited(now, measure="effort"), score=4, now=now, dimensions=GIVEN)


async def test_twenty_answers_at_once_make_one(database, now):
    token = await invited(now)

    outcomes = await asyncio.gather(
        *(surveys.answer(token, score=1 + number % 5, now=now) for number in range(20)), return_exceptions=True
    )

    assert sum(isinstance(each, AlreadyAnswered) for each in outcomes) == 19
    assert await value("SELECT count(*) FROM desk_survey_answer") == 1


async def test_each_measure_and_each_step_has_its_own_figures(database, now):
    for number, (measure, step, score) in enumerate(
        (("recommendation", "A", 10), ("recommendation", "A", 9), ("recommendation", "A", 6), ("effort", "B", 5))
    ):
        scale = surveys.MEASURES[measure][0]
        token = await invited(now, key=f"j{number}", measure=measure, element_id=step, scale=scale)
        await surveys.answer(token, score=score, now=now)
    await invited(now, key="nobody", measure="effort", element_id="B")

    found = await opinions.opinions(now - timedelta(days=1), now + timedelta(days=1))

    told = [(each.element_id, each.measure, each.invited, each.answered, each.index) for each in found]
    assert told == [("A", "recommendation", 3, 3, 33), ("B", "effort", 2, 1, 100)]
    assert await surveys.figures() == (), "satisfaction is not mixed with the rest"
