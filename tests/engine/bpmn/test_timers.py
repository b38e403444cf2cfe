"""Timers: dates, durations, cycles and FEEL, in the town's time across changes of clock."""

from datetime import UTC, datetime, timedelta

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


def test_a_day_that_skips_the_hour_delays_one_firing_and_not_those_after_it():
    daily = days_and_hours("R/2026-03-27T02:30:00/P1D", "2026-03-26T12:00:00", 5)
    without_start = days_and_hours("R/P1D", "2026-03-27T02:30:00", 3)

    assert daily == ["27 02:30", "28 02:30", "29 03:30", "30 02:30", "31 02:30"]
    assert without_start == ["28 02:30", "29 03:30", "30 02:30"]


def test_a_day_that_repeats_the_hour_fires_once_at_its_first():
    due, left = first_of_cycle("R/2026-10-24T02:30:00/P1D", moment_of("2026-10-23T12:00:00"))
    second, left = next_of_cycle(left, due)
    third, _ = next_of_cycle(left, second)

    assert [moment.isoformat() for moment in (due, second, third)] == [
        "2026-10-24T00:30:00+00:00",
        "2026-10-25T00:30:00+00:00",
        "2026-10-26T01:30:00+00:00",
    ]


def test_hours_are_exact_across_both_changes_of_clock():
    assert days_and_hours("R/2026-03-28T02:30:00/PT24H", "2026-03-27T12:00:00", 3) == [
        "28 02:30",
        "29 03:30",
        "30 03:30",
    ]
    assert days_and_hours("R/2026-10-24T02:30:00/PT24H", "2026-10-23T12:00:00", 3) == [
        "24 02:30",
        "25 02:30",
        "26 01:30",
    ]
    assert days_and_hours("R/2026-03-29T00:30:00/PT1H", "2026-03-28T12:00:00", 4) == [
        *("29 00:30", "29 01:30", "29 03:30", "29 04:30"),
    ]


def test_a_month_that_is_short_shortens_no_later_one():
    assert days_and_hours("R/2027-01-31T10:00:00/P1M", "2027-01-01T12:00:00", 4) == [
        *("31 10:00", "28 10:00", "31 10:00", "30 10:00"),
    ]


def test_a_deadline_in_the_skipped_hour_is_an_hour_later_and_in_the_repeated_one_at_its_first():
    assert moment_of("2026-03-29T02:30:00") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment_of("2026-10-25T02:30:00") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_span("P1D").after(moment_of("2026-03-28T02:30:00")) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read_span("P1D").after(moment_of("2026-10-24T02:30:00")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_span("P1D").after(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == moment_of("2026-10-26T02:30:00")


def test_every_firing_of_the_skipped_hour_comes_in_the_next_and_every_hour_that_passes_has_its_own():
    assert days_and_hours("*/30 2 * * *", "2026-03-28T12:00:00", 4) == ["29 03:00", "29 03:30", "30 02:00", "30 02:30"]
    assert days_and_hours("*/30 2,3 * * *", "2026-03-28T12:00:00", 3) == ["29 03:00", "29 03:30", "30 02:00"]
    assert days_and_hours("0 * * * *", "2026-03-29T00:30:00", 3) == ["29 01:00", "29 03:00", "29 04:00"]
    assert days_and_hours("0 * * * *", "2026-10-25T01:30:00", 3) == ["25 02:00", "25 02:00", "25 03:00"]


def test_a_week_without_worker_loses_no_firing_of_a_cycle_doubles_none_and_keeps_their_order(run):
    waiting = run(
        diagram(
            [start(), user("U"), boundary("B", "U", every("R10/P1D"), interrupting=False), mark("A"), end()],
            "S > U > E",
            "B > A",
        )
    )

    waiting.wait(days=7)
    after_a_week = waiting.marks.count("A")
    waiting.wait(days=30)

    assert (after_a_week, waiting.marks.count("A")) == (7, 10)


def test_a_clock_set_back_fires_nothing_twice_and_one_set_ahead_shifts_no_later_firing(run):
    waiting = run(
        diagram(
            [start(), user("U"), boundary("B", "U", every("R3/PT2H"), interrupting=False), mark("A"), end()],
            "S > U > E",
            "B > A",
        )
    )
    began = waiting.now

    waiting.wait(hours=3)
    waiting.now -= timedelta(hours=1)
    waiting.wait(hours=0)
    set_back = waiting.marks.count("A")
    dues = [timer.due - began for timer in waiting.timers.values()]

    assert (set_back, dues) == (1, [timedelta(hours=4)])


def test_working_days_jump_over_public_holidays_and_weekends(run):
    assert due_of(run, on('=add working days(date("2026-12-24"), 1)')).date().isoformat() == "2026-12-27"
    assert due_of(run, on('=add working days(date("2027-05-05"), 1)')).date().isoformat() == "2027-05-06"
    assert due_of(run, on('=add working days(date("2026-07-13"), 1)')).date().isoformat() == "2026-07-14"


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
