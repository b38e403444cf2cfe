"""Every attack at every place ends within 250 ms and 50 MB, in an answer or an error of ours.

`pytest -m proof -s tests/feel/test_matrix.py` prints the worst of each place; `-k expression` runs one place.
"""

import pytest

from tests.feel.matrix import EVERYWHERE, costs, faults, summary


@pytest.mark.proof
@pytest.mark.parametrize("place", EVERYWHERE)
def test_no_attack_exceeds_its_limits(place: str) -> None:
    found = costs([place])

    print(summary(found))
    assert faults(found) == []
