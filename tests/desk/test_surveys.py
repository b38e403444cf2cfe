"""Surveys: one answer per invitation, and figures that follow."""

from datetime import timedelta

import pytest

from desk import surveys
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
