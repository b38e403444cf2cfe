"""Collector: what start-up has made is never looked through for garbage again.

Modules, templates and definitions are hundreds of thousands of objects that stay. A full collection walks through all
of them and stops every request of the process meanwhile, some 50 ms on a quiet machine: the slowest in a hundred
answers was such a pause.
"""

import gc

# New objects before the young are looked through. A request makes some thousands; most go by themselves.
YOUNG = 10_000


def calm() -> None:
    """Set what is there aside, for a process that has started and will serve for long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
