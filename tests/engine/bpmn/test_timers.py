"""Timers: dates, durations, cycles and FEEL, in the town's time across changes of clock."""

from datetime import UTC, datetime

import pytest

from engine.bpmn.events.calendar import TOWN_ZONE, first_of_cycle, moment_of, next_of_cycle, read_span
from engine.commands import FireTimer
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    catch,
    diagram,
    end,
    every,
    mark,
    message,
    on,
    script,
    start,
    user,
)
from tests.engine.bpmn.runs import TUESDAY, Run


def due_of(run, event, **variables):
    waiting = run(diagram([start(), catch("C", event), mark("A")], "S > C > A"), **variables)
    return next(iter(waiting.timers.values())).due


def test_a_timer_is_a_date_a_duration_or_a_cycle_written_or_computed(run):
    assert due_of(run, on("2026-12-01T08:00:00+01:00")) == datetime(2026, 12, 1, 7, tzinfo=UTC)
    assert due_of(run, on("2026-12-01")) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert due_of(run, after("P1D")) == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert due_of(run, after('=duration("PT90M")')) == datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    assert due_of(run, on("=date(answers.day)"), answers={"day": "2026-12-02"}) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert due_of(run, on("=add working days(date(day), 5)"), day="2026-11-24").date().isoformat() == "2026-11-30"
    assert due_of(run, every("R2/PT1H")) == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["P", "-PT1S", "tomorrow", "R/PT1H", "PT1H30"])
def test_what_is_no_duration_is_an_incident(run, wrong):
    stuck = run(diagram([start(), catch("C", after(f'="{wrong}"')), mark("A")], "S > C > A"))

    assert stuck.incident("C").kind == "expression"


def test_days_keep_the_time_of_day_across_a_change_of_clock_and_hours_are_exact():
    friday_noon = moment_of("2026-10-23T12:00:00")  # Clocks go back on Sunday 25 October.

    assert read_span("P3D").after(friday_noon) == moment_of("2026-10-26T12:00:00")
    assert read_span("PT72H").after(friday_noon) == moment_of("2026-10-26T11:00:00")


def test_months_end_where_the_month_ends():
    assert read_span("P1M").after(moment_of("2027-01-31T12:00:00")) == moment_of("2027-02-28T12:00:00")
    assert read_span("P1Y2M").after(moment_of("2026-11-30T12:00:00")) == moment_of("2028-01-30T12:00:00")


def test_a_cycle_counts_from_when_it_was_due_so_a_late_worker_shifts_nothing():
    first, cycle = first_of_cycle("R3/2026-11-24T08:00:00/P1D", TUESDAY)
    second, cycle = next_of_cycle(cycle, first)
    third, cycle = next_of_cycle(cycle, second)

    assert [moment.astimezone(UTC).day for moment in (first, second, third)] == [24, 25, 26]
    assert next_of_cycle(cycle, third)[0] is None


def days_and_hours(cycle: str, since: str, times: int) -> list[str]:
    due, left = first_of_cycle(cycle, moment_of(since))
    found = []
    for _ in range(times):
        found.append(due.astimezone(TOWN_ZONE).strftime("%d %H:%M"))
        due, left = next_of_cycle(left, due)
    return found


def test_cron_fires_by_the_towns_clock():
    weekdays = days_and_hours("0 8 * * MON-FRI", "2026-11-26T09:00:00", 3)  # A Thursday.

    assert weekdays == ["27 08:00", "30 08:00", "01 08:00"]
    assert days_and_hours("0 30 7 1 * *", "2026-11-24T09:00:00", 2) == ["01 07:30", "01 07:30"]
    assert days_and_hours("@daily", "2026-11-24T09:00:00", 2) == ["25 00:00", "26 00:00"]


def test_cron_keeps_its_hour_across_a_change_of_clock():
    assert days_and_hours("0 8 * * *", "2026-10-24T09:00:00", 3) == ["25 08:00", "26 08:00", "27 08:00"]
    assert days_and_hours("0 8 * * *", "2026-03-28T09:00:00", 2) == ["29 08:00", "30 08:00"]


def test_cron_at_an_hour_that_a_change_of_clock_skips_or_repeats_fires_once_that_day():
    assert [day[:2] for day in days_and_hours("30 2 * * *", "2026-03-28T09:00:00", 3)] == ["29", "30", "31"]
    assert [day[:2] for day in days_and_hours("30 2 * * *", "2026-10-24T09:00:00", 3)] == ["25", "26", "27"]


@pytest.mark.parametrize("wrong", ["61 * * * *", "0 8 * *", "@often", "every day", "* * * * * * * *"])
def test_what_is_no_cron_is_an_incident(run, wrong):
    stuck = run(diagram([start(), catch("C", every(f'="{wrong}"')), mark("A")], "S > C > A"))

    assert stuck.incident("C").kind == "expression"


def test_a_cron_boundary_event_fires_until_its_activity_is_done(run):
    waiting = run(
        diagram(
            [start(), user("U"), boundary("B", "U", every("0 8 * * *"), interrupting=False), mark("A"), end()],
            "S > U > E",
            "B > A",
        )
    )

    waiting.wait(days=3)

    assert waiting.marks.count("A") == 3


def test_a_timer_fired_too_early_is_set_again_and_nothing_moves(run):
    waiting = run(diagram([start(), catch("C", after("PT1H")), mark("A")], "S > C > A"))
    timer = next(iter(waiting.timers.values()))

    waiting.do(FireTimer(token=timer.token))

    assert waiting.marks == [] and next(iter(waiting.timers.values())).due == timer.due


def test_a_timer_fires_however_long_the_worker_was_down(run):
    waiting = run(diagram([start(), catch("C", after("PT1H")), mark("A")], "S > C > A"))

    waiting.wait(days=7)

    assert waiting.marks == ["A"] and waiting.ended


def test_today_is_the_day_of_the_town_when_utc_is_still_on_the_day_before():
    waiting = Run(diagram([start(), script("T", "string(today())", "day"), catch("C", message())], "S > T > C"))
    waiting.now = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)

    waiting.start()

    assert waiting.state.variables["day"] == "2026-12-02"
