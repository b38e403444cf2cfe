"""Samples: the forms of a folder, `<name>.schema.json` with, beside it, `<name>.ui.json` when there is one."""

import json
from pathlib import Path
from typing import Any

import msgspec

ENDING = ".schema.json"


class Sample(msgspec.Struct, frozen=True):
    """One form as its files say it."""

    name: str
    schema: dict[str, Any]
    ui: dict[str, Any] | None = None


def samples_of(folder: Path) -> list[Sample]:
    """Every form of the folder, by name. Raises `SystemExit` when there is none: a run over nothing proves nothing."""
    found = [_sample(file) for file in sorted(folder.glob(f"*{ENDING}"))]
    if not found:
        raise SystemExit(f"Expected files called <name>{ENDING} in {folder}, but there are none.")
    return found


def _sample(file: Path) -> Sample:
    ui = file.with_name(file.name.removesuffix(ENDING) + ".ui.json")
    return Sample(
        file.name.removesuffix(ENDING),
        json.loads(file.read_text("utf-8")),
        json.loads(ui.read_text("utf-8")) if ui.exists() else None,
    )
