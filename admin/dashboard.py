"""Dashboard: requests, delays and satisfaction over a period. Every number opens on its cases; every drawing has its
table.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get

from admin.charts import column_chart, share
from desk import surveys
from engine import cases, figures
from engine.cases import CaseFilters
from engine.pages import Page
from web.agent.listing import department_names, procedure_titles
from web.pages import guards
from web.pages.layout import AnyRequest, page
from web.pages.visit import visit_of

PERIODS = {"30": 30, "90": 90, "365": 365}
DAY = 86_400


@get("/admin/chiffres", guards=[guards.administrator])
async def dashboard(request: AnyRequest) -> Response[Any]:
    """The figures of the last days."""
    days, since, now = period_of(request)
    procedures = await figures.by_procedure(since, now, now)
    weeks = await figures.by_week(since, now, now)
    satisfaction = await surveys.figures(since=since, until=now)
    return page(
        request,
        "admin/dashboard.html",
        days=days,
        periods=list(PERIODS),
        total=await figures.total(since, now, now),
        procedures=procedures,
        departments=await figures.by_department(since, now, now),
        origins=await figures.by_origin(since, now, now),
        weeks=weeks,
        chart=column_chart([(one.monday, one.numbers.filed) for one in weeks]),
        satisfaction={one.procedure: one for one in satisfaction},
        comments=await surveys.comments(limit=6),
        titles=await procedure_titles(),
        names=await department_names(),
        share=share,
        in_days=in_days,
    )


@get("/admin/chiffres.csv", guards=[guards.administrator])
async def export(request: AnyRequest) -> Response[str]:
    """The table of procedures for a spreadsheet (semicolons, UTF-8 with a mark, as French spreadsheets expect)."""
    _, since, now = period_of(request)
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow(["procedure", "filed", "answered", "open", "late", "median_days", "p90_days"])
    for one in await figures.by_procedure(since, now, now):
        numbers = one.numbers
        delays = [in_days(numbers.median_seconds), in_days(numbers.slow_seconds)]
        sheet.writerow([one.name, numbers.filed, numbers.answered, numbers.open, numbers.late, *delays])
    headers = {"content-disposition": 'attachment; filename="chiffres.csv"'}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@get("/admin/dossiers", guards=[guards.administrator])
async def behind(request: AnyRequest) -> Response[Any]:
    """The cases behind a number, as its address says."""
    asked, now = request.query_params, visit_of(request).now
    states = tuple(state for state in asked.get("etats", "").split(",") if state)
    filters = CaseFilters(
        procedure=asked.get("demarche") or None,
        department=asked.get("service") or None,
        states=states,
        late=asked.get("retard") == "1",
        filed_since=period_of(request)[1] if asked.get("jours") else None,
    )
    found = await cases.recent(None, filters, Page(after=asked.get("suite")), now)
    return page(
        request,
        "admin/cases.html",
        found=found,
        titles=await procedure_titles(),
        names=await department_names(),
        filters=filters,
    )


def in_days(seconds: float | None) -> float | None:
    """A delay in days, to one decimal."""
    return None if seconds is None else round(seconds / DAY, 1)


def period_of(request: AnyRequest) -> tuple[int, datetime, datetime]:
    """The days asked for, when they begin, and now."""
    now = visit_of(request).now
    days = PERIODS.get(request.query_params.get("jours", ""), 90)
    return days, now - timedelta(days=days), now


HANDLERS = [dashboard, export, behind]
