"""Random block-structured processes: they always come to an end, never lose a token, and storing their state changes
nothing."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.bpmn.random_diagrams import NESTED, written
from tests.engine.bpmn.runs import Run

# The plain kinds of block alone: whatever is played ends.
BLOCKS = st.recursive(
    st.sampled_from(["mark", "user", "job", "script", "timed"]).map(lambda kind: (kind, ())),
    lambda inner: st.tuples(st.sampled_from(NESTED), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=8,
)


def played(source: bytes, seed: int, restored: bool) -> Run:
    """Everything that waits is finished, in an order that depends on the seed only."""
    chance = random.Random(seed)
    run = Run(source, restored=restored, n=0).start()
    for _ in range(500):
        if run.ended is not None:
            break
        open_now = [*((run.answer, task.element) for task in run.tasks.values())]
        open_now += [(run.finish, queued.element) for queued in run.jobs.values()]
        if run.timers and chance.random() < 0.3:
            run.wait(hours=1)
        elif open_now:
            act, element = chance.choice(open_now)
            act(element)
        else:
            break
    return run


@given(BLOCKS, st.integers(0, 1000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_random_process_ends_and_its_stored_state_behaves_like_the_living_one(block, seed):
    source = written(block)

    alive, stored = played(source, seed, restored=False), played(source, seed, restored=True)

    assert alive.ended is not None, f"nothing waits and the instance has not ended: {alive.state}"
    assert not alive.incidents
    assert alive.effects == stored.effects
    assert alive.state.tokens == stored.state.tokens == ()
