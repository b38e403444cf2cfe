"""Linear: patterns run by RE2, whose time grows with the text and never explodes. Knows what RE2 cannot express.

The only module that knows `re2`, which has no types.
"""

# pyright: basic, reportMissingTypeStubs=false, reportMissingModuleSource=false

from typing import Any

import re2

# RE2 has no time limit: its work is bounded by the length of the text times the size of the program, so both are.
LONGEST = 50_000
_MEMORY = 256 * 1024


def linear_pattern(text: str, flags: str) -> Any:
    """The pattern for RE2, translated from what is written for `regex`; None where RE2 refuses it."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    modes = "".join(flag for flag in "ims" if flag in flags)
    try:
        return re2.compile((f"(?{modes})" if modes else "") + _respelled(text), options)
    except re2.error:
        return None


def _respelled(text: str) -> str:
    """RE2 spells the end of the text `\\z`; every backslash of the text begins an escape of two characters."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\":
            parts.append("\\z" if text[at + 1] == "Z" else text[at : at + 2])
            at += 2
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)
