"""Net: openings and closings of one advance cancel out."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.apply.net import net_of
from engine.effects import (
    Effect,
    ElementLeft,
    InstanceEnded,
    JobCancelled,
    JobQueued,
    TaskOpened,
    TaskWithdrawn,
    TimerCleared,
    TimerSet,
)

TOKENS = st.integers(1, 4)
DUE = st.datetimes(timezones=st.just(UTC))
EFFECTS = st.one_of(
    TOKENS.map(lambda token: TaskOpened(token=token, element="T", name="t", form=None, department="voirie")),
    TOKENS.map(lambda token: TaskWithdrawn(token=token)),
    TOKENS.map(lambda token: JobQueued(token=token, element="J", type="x")),
    TOKENS.map(lambda token: JobCancelled(token=token)),
    st.builds(lambda token, due: TimerSet(token=token, element="W", due=due), TOKENS, DUE),
    TOKENS.map(lambda token: TimerCleared(token=token)),
)


@given(st.lists(EFFECTS))
def test_what_is_left_is_what_came_last(effects: list[Effect]) -> None:
    net = net_of(effects)

    for token in range(1, 5):
        tasks = [each for each in effects if isinstance(each, TaskOpened | TaskWithdrawn) and each.token == token]
        jobs = [each for each in effects if isinstance(each, JobQueued | JobCancelled) and each.token == token]
        timers = [each for each in effects if isinstance(each, TimerSet | TimerCleared) and each.token == token]
        assert net.tasks.get(token) == (tasks[-1] if tasks and isinstance(tasks[-1], TaskOpened) else None)
        assert net.jobs.get(token) == (jobs[-1] if jobs and isinstance(jobs[-1], JobQueued) else None)
        assert net.timers.get((token, 0)) == (timers[-1] if timers and isinstance(timers[-1], TimerSet) else None)


def test_what_was_waiting_before_is_ended_even_when_it_opens_again() -> None:
    again = TimerSet(token=1, element="W", due=datetime(2026, 1, 1, tzinfo=UTC))

    net = net_of(
        [TimerCleared(token=1), again, ElementLeft(token=2, element="T", outcome="terminated"), InstanceEnded()]
    )

    assert net.timers_ended == {(1, 0)}
    assert net.timers == {(1, 0): again}
    assert net.terminated() == {2}
    assert net.ended is not None
