"""Every attack at every place ends within 250 ms and 50 MB, in an answer or an error of ours.

`pytest -m proof -s tests/feel/test_matrix.py` prints the worst of each place; `-k expression` runs one place.
"""

from collections.abc import Callable

import pytest

from tests.feel import matrix
from tests.feel.matrix import EVERYWHERE, attacks_at, costs, faults, summary

# Children are forked, which the workers of a parallel run, with threads of their own, do not survive reliably.
pytestmark = pytest.mark.proof


@pytest.mark.parametrize("place", EVERYWHERE)
def test_no_attack_exceeds_its_limits(place: str) -> None:
    found = costs(place)

    print(summary(found))
    assert faults(found) == []


# One attack in this many, a different one at each place, where everything is tested.
FEW = 60


@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_few_attacks_at_each_place_stay_within_their_limits(place: str) -> None:
    first = list(EVERYWHERE).index(place)

    assert faults(costs(place, attacks_at(place)[first::FEW])) == []


def _burn(_: str) -> None:
    for _ in range(4):
        matrix.loop()


def _fill(_: str) -> None:
    assert bytearray(80_000_000)


def _err(_: str) -> None:
    raise KeyError


def _die(_: str) -> None:
    matrix.os._exit(3)


@pytest.mark.parametrize(("work", "word"), [(_burn, ""), (_fill, ""), (_err, "failed: KeyError"), (_die, "died")])
def test_what_oversteps_is_a_fault(work: Callable[[str], None], word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "MOST_TIME", 2.0)
    monkeypatch.setitem(EVERYWHERE, "expression", lambda text: work(text) if text == "wrong" else None)

    found = costs("expression", ["right", "wrong", "right as well"])

    assert [each.attack for each in faults(found)] == ["wrong"]
    assert word in faults(found)[0].ended
