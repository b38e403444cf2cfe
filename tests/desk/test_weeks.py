"""Openings as people write them, and bookings that they do not cover."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import weeks
from desk.errors import OpeningsBackwards, OpeningsOverlap, OpeningsRefused, OpeningsUnreadable, TooManyOpenings
from desk.slots import Opening, Slot

PARIS = ZoneInfo("Europe/Paris")


def spans(text: str) -> list[str]:
    return [f"{each.begin:%H:%M}-{each.until:%H:%M}" for each in weeks.read_day(1, text)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("8h–13h, 13h30–18h30", ["08:00-13:00", "13:30-18:30"]),
        ("de 14 h à 18 h 30 et 8h - 12h", ["08:00-12:00", "14:00-18:30"]),
        ("08:00-13:00; 19:00 to 1:00", ["08:00-13:00", "19:00-01:00"]),
        ("9-12", ["09:00-12:00"]),
        ("18h–24h", ["18:00-00:00"]),
    ],
)
def test_spans_are_read_as_people_write_them(text, read):
    assert spans(text) == read


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("le matin", OpeningsUnreadable),
        ("8h", OpeningsUnreadable),
        ("25h–26h", OpeningsUnreadable),
        ("8h75–9h", OpeningsUnreadable),
        ("24h–2h", OpeningsUnreadable),
        ("14h–9h", OpeningsBackwards),
        ("9h–9h", OpeningsBackwards),
        (",".join(f"{hour}h–{hour}h30" for hour in range(13)), TooManyOpenings),
        ("8h–12h" * 100, OpeningsUnreadable),
    ],
)
def test_what_is_no_week_is_refused(text, refused):
    with pytest.raises(refused):
        weeks.read_day(1, text)


@given(text=st.text(alphabet="0123456789h:–- ,;àet", max_size=40))
def test_whatever_is_typed_is_read_or_refused_and_reads_again_as_written(text):
    try:
        read = weeks.read_day(3, text)
    except OpeningsRefused:
        return

    assert all(weeks.read_day(3, weeks.write_day(3, read, language)) == read for language in ("fr", "en"))


@pytest.mark.parametrize("week", [{1: "8h–12h, 11h–13h"}, {1: "19h–1h", 2: "0h–8h"}, {7: "20h–2h", 1: "1h–3h"}])
def test_spans_that_overlap_are_refused_across_midnight_and_the_end_of_the_week(week):
    openings = [each for day, text in week.items() for each in weeks.read_day(day, text)]

    with pytest.raises(OpeningsOverlap):
        weeks.refuse_overlaps(openings)


def test_spans_that_touch_do_not_overlap():
    weeks.refuse_overlaps(weeks.read_day(1, "8h–12h, 12h–18h, 18h–24h") + weeks.read_day(2, "0h–8h"))


def test_a_booking_over_two_openings_that_touch_is_covered_and_one_over_a_gap_is_not():
    openings = (
        *weeks.read_day(6, "8h–12h, 12h–18h, 19h–1h"),
        Opening(weekday=7, begin=time(1), until=time(3), label=""),
    )
    through, gap, night = (
        Slot(
            resource="a",
            begin=datetime(2026, 12, 5, first, tzinfo=PARIS),
            until=datetime(2026, 12, *last, tzinfo=PARIS),
        )
        for first, last in ((9, (5, 17)), (17, (5, 20)), (20, (6, 2)))
    )

    assert weeks.uncovered((through, gap, night), openings) == (gap,)
