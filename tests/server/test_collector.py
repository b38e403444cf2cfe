"""A process that serves never stops to look through what start-up has made."""

import gc
import subprocess
import sys

PROGRAM = """
import gc
kept = [[number] for number in range(200_000)]
from server.collector import calm
calm()
seen = []
gc.callbacks.append(lambda phase, info: seen.append(phase))
tracked = len(gc.get_objects())
gc.collect()
print(tracked, len(kept))
"""


def test_what_start_up_made_is_set_aside():
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout

    tracked, kept = map(int, told.split())
    assert kept == 200_000 and tracked < 1_000


def test_a_test_run_is_not_calmed():
    assert gc.get_freeze_count() == 0
