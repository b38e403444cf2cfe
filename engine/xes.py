"""XES: the history of cases as an event log for process mining (IEEE 1849-2016), as text, one trace a case.

Pure: lines in, text out, nothing kept in memory but the case under way. Values of variables never leave; the names of
people are replaced by numbers unless they are asked for.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import quoteattr

import msgspec

from engine.history import Line

TRANSITIONS = {"entered": "start", "completed": "complete", "terminated": "pi_abort", "migrated": "reassign"}
EXTENSIONS = (("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time"), ("Concept", "concept"))
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
"""
GLOBALS = """  <global scope="trace">
    <string key="concept:name" value="__INVALID__"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="__INVALID__"/>
    <string key="lifecycle:transition" value="complete"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
  <classifier name="Activity and transition" keys="concept:name lifecycle:transition"/>
"""


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """One case: what is told of it, and its lines in their order."""

    reference: str
    version: int | None
    filed_at: datetime
    state: str
    decision: str | None
    department: str
    lines: tuple[Line, ...]


class Names:
    """How people are called in one log: by number, in the order they appear, or by name."""

    def __init__(self, *, shown: bool) -> None:
        self.shown = shown
        self.numbers: dict[str, int] = {}

    def of(self, name: str) -> str:
        """What the log calls this person."""
        if self.shown:
            return name
        return f"person-{self.numbers.setdefault(name, len(self.numbers) + 1)}"


def log(traces: Iterable[Trace], procedure: str, names: Names) -> Iterator[str]:
    """The document, piece by piece."""
    yield HEAD
    for title, prefix in EXTENSIONS:
        address = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'  <extension name="{title}" prefix="{prefix}" uri="{address}"/>\n'
    yield GLOBALS
    yield _text("  ", "concept:name", procedure)
    for trace in traces:
        yield "".join(trace_text(trace, names))
    yield "</log>\n"


def trace_text(trace: Trace, names: Names) -> Iterator[str]:
    """One case, piece by piece."""
    yield "  <trace>\n"
    yield _text("    ", "concept:name", trace.reference)
    yield _date("    ", "parvis:filed", trace.filed_at)
    yield _text("    ", "parvis:state", trace.state)
    yield _text("    ", "parvis:department", trace.department)
    if trace.version is not None:
        yield f'    <int key="parvis:version" value="{trace.version}"/>\n'
    if trace.decision is not None:
        yield _text("    ", "parvis:decision", trace.decision)
    titles: dict[tuple[int | None, str | None], str] = {}
    for line in trace.lines:
        yield from _event(line, titles, names)
    yield "  </trace>\n"


def _event(line: Line, titles: dict[tuple[int | None, str | None], str], names: Names) -> Iterator[str]:
    if line.happened not in ("entered", "left") or line.element is None:
        return
    place = (line.token, line.element)
    if line.happened == "entered":
        titles[place] = line.name or line.element
    transition = TRANSITIONS["entered" if line.happened == "entered" else line.details.get("outcome", "completed")]
    yield "    <event>\n"
    yield _text("      ", "concept:name", titles.get(place, line.element))
    yield _text("      ", "concept:instance", f"{line.instance_id}:{line.token}")
    yield _text("      ", "lifecycle:transition", transition)
    yield _date("      ", "time:timestamp", line.at)
    yield _text("      ", "org:resource", names.of(line.actor_name))
    yield _text("      ", "parvis:element", line.element)
    yield "    </event>\n"


def _text(indent: str, key: str, value: str) -> str:
    return f'{indent}<string key="{key}" value={quoteattr(_printable(value))}/>\n'


def _date(indent: str, key: str, value: datetime) -> str:
    return f'{indent}<date key="{key}" value="{value.isoformat(timespec="milliseconds")}"/>\n'


def _printable(value: str) -> str:
    """What XML 1.0 cannot hold is left out."""
    return "".join(letter for letter in value if letter in "\t\n" or " " <= letter <= "\ufffd" or letter > "\uffff")
