"""Deadlines: working days of France, terms and their pause."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import deadlines
from engine.deadlines import PARIS, Term, add_working_days, due_at, is_working_day, resume, working_days_between

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
COUNTS = st.integers(0, 60)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 24), 5, date(2026, 12, 1)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 5, 7), 1, date(2026, 5, 11)),
        (date(2026, 11, 28), 0, date(2026, 11, 30)),
    ],
)
def test_working_days_skip_weekends_and_public_holidays(day: date, count: int, expected: date) -> None:
    assert add_working_days(day, count) == expected


@given(DAYS, st.integers(1, 60))
def test_one_more_day_is_always_later(day: date, count: int) -> None:
    assert add_working_days(day, count) < add_working_days(day, count + 1)


@given(DAYS, DAYS, COUNTS)
def test_a_later_start_is_never_due_earlier(first: date, second: date, count: int) -> None:
    earlier, later = sorted((first, second))

    assert add_working_days(earlier, count) <= add_working_days(later, count)


@given(DAYS, COUNTS)
def test_counting_back_gives_the_same_number(day: date, count: int) -> None:
    due = add_working_days(day, count)

    assert is_working_day(due)
    if is_working_day(day):
        assert working_days_between(day, due) == count


@given(MOMENTS, MOMENTS, MOMENTS, st.sampled_from([Term(working_days=5), Term(days=30), None]))
def test_a_wait_never_brings_the_due_date_forward(due: datetime, a: datetime, b: datetime, term: Term | None) -> None:
    since, until = sorted((a, b))
    end = datetime.combine(due.astimezone(PARIS).date(), datetime.max.time(), PARIS).replace(microsecond=0)

    resumed = resume(end, term, since, until)

    assert resumed >= end
    assert resumed <= resume(end, term, since, until + timedelta(days=3))


def test_a_term_ends_with_its_last_day_in_the_town() -> None:
    filed = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)

    assert due_at(Term(days=1), filed) == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    assert due_at(None, filed) is None
    assert deadlines.due_at(Term(), filed) is None
