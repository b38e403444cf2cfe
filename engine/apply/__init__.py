"""Apply: the only writer of instance, task, job, timer, subscription, incident and history rows.

The `ledger` writes what a commit (`engine.commit`) has gathered, in one statement; `marks` and `holding` hold the
changes that verbs ask for themselves. Never advances an instance, never decides.
"""

from engine.apply.moment import CaseFacts, Moment, Running
from engine.apply.net import Net

__all__ = ["CaseFacts", "Moment", "Net", "Running"]
