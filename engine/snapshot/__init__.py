"""Snapshot: the stored state of an instance, and the only place that knows its bytes.

A state holds live tokens, scopes and subscriptions, never the specs: it attaches to the definition it names. What a
command does not touch stays encoded: variables (`records`), results (`gathered`), iterations (`parked`).
"""

from engine.snapshot.gathered import Gathered
from engine.snapshot.parked import NOBODY, Member, ParkedGroup, group_of, indexed, without
from engine.snapshot.records import CompletedRecord, FrameRecord, ScopeRecord, SubscriptionRecord, TokenRecord
from engine.snapshot.state import FORMAT, FORMAT_PARKED, State
from engine.snapshot.values import tagged, untagged, value_of

__all__ = [
    "FORMAT",
    "FORMAT_PARKED",
    "NOBODY",
    "CompletedRecord",
    "FrameRecord",
    "Gathered",
    "Member",
    "ParkedGroup",
    "ScopeRecord",
    "State",
    "SubscriptionRecord",
    "TokenRecord",
    "group_of",
    "indexed",
    "tagged",
    "untagged",
    "value_of",
    "without",
]
