"""Typography: French puts a space before double punctuation that must never begin a line. Bundles are typed with plain
spaces; here they become no-break ones, on the way to the page. Pure.
"""

import re
from functools import lru_cache

_BEFORE = re.compile(r" (?=[:;?!»%€])")
_AFTER = re.compile(r"(?<=«) ")


@lru_cache(4096)
def typeset(text: str) -> str:
    """The French text with no-break spaces where its punctuation asks for them."""
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text))
