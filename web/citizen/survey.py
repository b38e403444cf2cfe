"""Survey: one question and a few words after a request is answered.
One answer for each invitation, no account asked."""

from typing import Any

from litestar import Response, get, post

from desk import surveys
from desk.errors import AlreadyAnswered, InvitationExpired, ScoreOutOfScale, WordsTooLong
from desk.surveys import Invitation
from web.pages import guards
from web.pages.layout import AnyRequest, page
from web.pages.visit import visit_of


@get("/enquete/{token:str}", guards=[guards.anyone])
async def ask(request: AnyRequest, token: str, note: int | None = None) -> Response[Any]:
    """The question; `note` is the score clicked in the mail, chosen but not yet sent."""
    try:
        invitation = await surveys.of_token(token, visit_of(request).now)
    except InvitationExpired:
        return page(request, "citizen/survey_done.html", expired=True, score=None)
    if invitation.answered_at is not None:
        return page(request, "citizen/survey_done.html", expired=False, score=None)
    return draw(request, token, invitation, score=note)


@post("/enquete/{token:str}", guards=[guards.anyone])
async def answer(request: AnyRequest, token: str) -> Response[Any]:
    """Keeps the one answer."""
    visit, form = visit_of(request), await request.form()
    given, comment = str(form.get("score", "")), str(form.get("comment", ""))
    score, dimensions = _number(given), _dimensions(form)
    try:
        await surveys.answer(token, score=score, comment=comment, now=visit.now, dimensions=dimensions)
    except (ScoreOutOfScale, WordsTooLong) as error:
        invitation = await surveys.of_token(token, visit.now)
        told = {"score": score, "comment": comment, "dimensions": dimensions}
        return draw(request, token, invitation, refused=type(error).__name__, **told)
    except (AlreadyAnswered, InvitationExpired) as error:
        return page(request, "citizen/survey_done.html", expired=isinstance(error, InvitationExpired), score=None)
    return page(request, "citizen/survey_done.html", expired=False, score=score)


def draw(
    request: AnyRequest,
    token: str,
    invitation: Invitation,
    *,
    score: int | None,
    comment: str = "",
    dimensions: dict[str, int] | None = None,
    refused: str = "",
) -> Response[Any]:
    """The survey page."""
    return page(
        request,
        "citizen/survey.html",
        status=422 if refused else 200,
        token=token,
        invitation=invitation,
        score=score,
        comment=comment,
        dimensions=dimensions or {},
        refused=refused,
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1


def _dimensions(form: Any) -> dict[str, int]:
    """The dimensions that were given."""
    given = {name: str(form.get(f"dimension-{name}", "")) for name in surveys.DIMENSIONS}
    return {name: _number(text) for name, text in given.items() if text}


HANDLERS = [ask, answer]
