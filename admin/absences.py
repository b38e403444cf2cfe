"""Absences: the screen where administrators say which department or agent is away, until when, and who takes over."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from accounts import absences, departments, people
from accounts.absences import Kind
from accounts.errors import AbsenceRefused, AbsenceTwice
from web.pages import guards
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/admin/absences", guards=[guards.administrator])
async def overview(request: AnyRequest) -> Response[Any]:
    """Who is away now or soon, and the form for another absence."""
    return await _draw(request)


@post("/admin/absences", guards=[guards.administrator])
async def add(request: AnyRequest) -> Response[Any]:
    """Keep an absence, or say what is wrong with it."""
    visit, form = visit_of(request), await request.form()
    typed = {name: str(form.get(name, "")).strip()[:100] for name in ("who", "substitute", "first_day", "last_day")}
    kind, who = _named(typed["who"])
    other_kind, substitute = _named(typed["substitute"])
    first_day, last_day = _day(typed["first_day"]), _day(typed["last_day"])
    if wrong := _wrong(who, first_day, last_day, is_other_kind=bool(substitute) and other_kind != kind):
        return await _draw(request, wrong=wrong, typed=typed)
    by_name = visit.viewer.name if visit.viewer else ""
    try:
        assert first_day and last_day
        await absences.add(
            kind, who, first_day, last_day, substitute=substitute or None, by_name=by_name, now=visit.now
        )
    except AbsenceTwice:
        return await _draw(request, wrong={"who": "twice"}, typed=typed)
    except AbsenceRefused:
        return await _draw(request, wrong={"substitute": "refused"}, typed=typed)
    return see_other("/admin/absences?fait=enregistree")


@post("/admin/absences/{absence_id:uuid}/retirer", guards=[guards.administrator])
async def remove(absence_id: UUID) -> Response[Any]:
    """They are back."""
    await absences.remove(absence_id)
    return see_other("/admin/absences?fait=retiree")


async def _draw(
    request: AnyRequest, *, wrong: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response[Any]:
    visit = visit_of(request)
    today = visit.now.astimezone(visit.house.timezone).date()
    empty = {"who": "", "substitute": "", "first_day": today.isoformat(), "last_day": ""}
    return page(
        request,
        "admin/absences.html",
        status=422 if wrong else 200,
        absences=await absences.current_and_coming(today),
        today=today,
        departments=await departments.all_active(),
        agents=[one for one in await people.agents() if one.active],
        wrong=wrong or {},
        typed=typed or empty,
        said=request.query_params.get("fait", ""),
    )


def _named(text: str) -> tuple[Kind, str]:
    """`department:voirie` or `person:<id>`, as the lists of the form have it."""
    kind, _, who = text.partition(":")
    return ("person" if kind == "person" else "department"), who


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _wrong(who: str, first_day: date | None, last_day: date | None, *, is_other_kind: bool) -> dict[str, str]:
    found = {} if who else {"who": "required"}
    if first_day is None:
        found["first_day"] = "required"
    if last_day is None:
        found["last_day"] = "required"
    elif first_day and last_day < first_day:
        found["last_day"] = "order"
    return found | ({"substitute": "kind"} if is_other_kind else {})


HANDLERS = [overview, add, remove]
