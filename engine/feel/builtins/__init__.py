"""The functions every FEEL expression can call, by family (DMN 1.5, 10.3.4). Importing the package declares them
all."""

from engine.feel.builtins import (
    boolean,
    contexts,
    conversion,
    decisions,
    lists,
    numbers,
    ranges,
    sorting,
    strings,
    temporal,
    working_days,
)
from engine.feel.builtins.signature import BUILTINS

FAMILIES = (conversion, boolean, strings, lists, numbers, temporal, ranges, contexts, sorting, working_days, decisions)

__all__ = ["BUILTINS", "FAMILIES"]
