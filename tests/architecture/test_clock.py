"""A moved clock moves everything: the floors below the server never take the time from SQL or from the machine."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IN_SQL = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)|\bcurrent_(date|timestamp)\b", re.I
)
IN_PYTHON = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(|TimestamptzNow|TimestampNow")


def offences(pattern: re.Pattern[str], *floors: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for floor in floors
        for path in sorted((ROOT / floor).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line.partition("#")[0]) and "feel" not in path.parts
    ]


def test_rows_of_the_engine_and_the_desk_take_no_time_from_sql() -> None:
    assert not offences(IN_SQL, "engine/store", "engine/apply", "desk/store")


def test_the_floors_below_the_pages_read_no_clock() -> None:
    assert not offences(IN_PYTHON, "forms", "accounts", "engine", "desk", "connectors"), "Receive `now` as a parameter."
