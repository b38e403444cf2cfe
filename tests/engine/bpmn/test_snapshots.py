"""Snapshots: every value of a case comes back as it was, small, attached to its definition only."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.errors import StateRefused
from engine.feel.values import Months
from engine.snapshot import FORMAT, ScopeRecord, State
from tests.engine.bpmn.diagrams import boundary, diagram, every, gateway, message, start, user

ZONES = st.sampled_from([UTC, ZoneInfo("Europe/Paris"), None])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.times(timezones=ZONES)
    | st.datetimes(timezones=ZONES)
    | st.timedeltas()
    | st.builds(Months, st.integers(-1200, 1200))
    | st.decimals(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8
)
DEFINITION = SimpleNamespace(hash="h")


def state_with(values):
    return State(format=FORMAT, definition="h", process="p", number=1, scopes=(ScopeRecord.of(0, None, values),))


@given(st.dictionaries(st.text(), VALUES, max_size=4))
@settings(max_examples=100, deadline=None)
def test_every_value_survives_storage(values):
    state = state_with(values)

    assert State.load(state.dump(), DEFINITION) == state


def test_keys_of_user_data_have_no_meaning():
    values = {"typename": "UUID", "__class__": "x", "f": 1, "n": [{"is": "Start"}]}

    assert State.load(state_with(values).dump(), DEFINITION).variables == values


def test_a_state_of_another_definition_or_broken_bytes_are_refused():
    with pytest.raises(StateRefused):
        State.load(state_with({}).dump(), SimpleNamespace(hash="other"))
    with pytest.raises(StateRefused):
        State.load(b"\xc1garbage", DEFINITION)


def test_temporal_values_keep_their_kind():
    values = {
        "day": date(2026, 1, 2),
        "at": time(8, 30),
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "long": timedelta(3),
    }

    loaded = State.load(state_with(values).dump(), DEFINITION).variables

    assert {name: type(value) for name, value in loaded.items()} == {
        name: type(value) for name, value in values.items()
    }


def test_ten_waiting_branches_with_timers_and_messages_take_less_than_two_kilobytes(run):
    names = [f"U{number}" for number in range(10)]
    events = [boundary(f"b{name}", name, every("R/P1D"), interrupting=False) for name in names]
    others = [boundary(f"m{name}", name, message()) for name in names]
    waiting = run(
        diagram(
            [start(), gateway("parallel", "P"), *map(user, names), *events, *others],
            "S > P",
            *(f"P > {n}" for n in names),
        )
    )

    assert len(waiting.state.dump()) < 2000
