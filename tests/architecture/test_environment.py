"""Nothing but server.settings reads the environment."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("server", "admin", "web", "api", "connectors", "desk", "engine", "forms", "accounts")
READS = re.compile(r"\bos\.(environ|getenv)\b|from os import .*\b(environ|getenv)\b")


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if READS.search(path.read_text("utf-8"))
    }

    assert readers == {"server/settings.py"}, "Add a field to Settings and pass it as an argument."
