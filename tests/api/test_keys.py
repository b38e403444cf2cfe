"""Keys of machine clients: derived from ids, stable, in their order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.keys import key_of, number_of, read_key, span_of
from engine.ids import new_id

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_ten_thousand_ids_of_one_millisecond_have_ten_thousand_keys() -> None:
    ids = [new_id(NOW) for _ in range(10_000)]

    assert len({key_of(each) for each in ids}) == 10_000


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2088, 1, 1)))
def test_the_span_of_a_key_holds_the_id_it_came_from(moment: datetime) -> None:
    id = new_id(moment.replace(tzinfo=UTC))

    first, last = span_of(number_of(id))

    assert first <= id <= last
    assert (number_of(first), number_of(last)) == (number_of(id), number_of(id))
    assert 0 <= number_of(id) < 1 << 63


def test_keys_follow_the_time() -> None:
    earlier, later = new_id(NOW), new_id(NOW + timedelta(milliseconds=1))

    assert number_of(earlier) < number_of(later)


def test_ids_are_version_7_uuids() -> None:
    id = new_id(NOW)

    assert (id.version, id.variant) == (7, UUID(int=0x8 << 60).variant)


@given(st.integers(min_value=-(1 << 64), max_value=1 << 64))
def test_any_number_has_a_span_or_is_no_key(number: int) -> None:
    key = read_key(str(number))

    if key is not None:
        first, last = span_of(key)
        assert first.int >= 0 and last.int < 1 << 128


def test_what_is_no_number_is_no_key() -> None:
    assert [read_key(text) for text in ("", "x", "1.5", "9" * 30, "१२", "1 ")] == [None] * 6
