"""What operators and modellers may use is documented: every setting, command, connector and decision record."""

import re
from pathlib import Path

from server.command import COMMANDS
from server.settings import Smtp, Town

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def test_every_setting_is_documented() -> None:
    source = (ROOT / "server" / "settings.py").read_text("utf-8")
    names = set(re.findall(r'"((?:PARVIS_[A-Z_]+[A-Z])|DATABASE_URL|VALKEY_URL)"', source))
    names |= {f"PARVIS_TOWN_{field.upper()}" for field in Town.__struct_fields__}
    names |= {f"PARVIS_SMTP_{field.upper()}" for field in Smtp.__struct_fields__}
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (REFERENCE / "settings.md").read_text("utf-8"), re.MULTILINE))

    assert names == documented


def test_every_command_is_documented() -> None:
    text = (REFERENCE / "command-line.md").read_text("utf-8")

    assert [name for name in COMMANDS if f"| `parvis {name}" not in text] == []


def test_every_connector_is_documented_by_its_template() -> None:
    folders = [path.parent for path in (ROOT / "connectors").glob("*/__init__.py") if path.parent.name != "store"]

    assert [folder.name for folder in folders if not (folder / "template.json").exists()] == []
