"""Press: layout and values → PDF, in a limited child process with an empty environment and an empty folder. Never
stores it."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from connectors.errors import LayoutUnknown, PressFailed
from engine.feel.sentences import Sentence

SIGNS = {"pdf": b"%PDF-", "png": b"\x89PNG"}
"""How what was made begins."""
LAYOUTS = Path(__file__).parent / "layouts"
CHILD = Path(__file__).parent / "child.py"
NOT_LAID = "The document could not be laid out ({0})."
PATIENCE = 20.0
STANDARDS = ["a-2a", "ua-1"]
"""PDF/A to keep, PDF/UA to be read aloud."""

log = structlog.get_logger(__name__)


@lru_cache(maxsize=8)
def layout_text(name: str) -> str:
    """A layout with the parts all layouts share. Raises `LayoutUnknown`."""
    path = LAYOUTS / f"{name}.typ"
    if name == "town" or not name.isalpha() or not path.is_file():
        raise LayoutUnknown()
    return (LAYOUTS / "town.typ").read_text("utf-8") + path.read_text("utf-8")


async def print_pdf(layout: str, values: Mapping[str, Any], now: datetime) -> bytes:
    """The PDF of a layout's text with these values (JSON only). Raises `PressFailed`."""
    return await _compile(layout, values, now, "pdf", STANDARDS)


async def print_picture(layout: str, values: Mapping[str, Any], now: datetime) -> bytes:
    """The first page as PNG, to look at a layout."""
    return await _compile(layout, values, now, "png", [])


async def _compile(layout: str, values: Mapping[str, Any], now: datetime, format: str, standards: list[str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="parvis-press-") as root:
        # The values travel as one text inside the request: the layout reads them with `json(bytes(…))` and no file
        # exists.
        asked = {"layout": layout, "values": json.dumps(values, ensure_ascii=False), "root": root, "format": format}
        asked |= {"ppi": 110.0, "standards": standards, "at": now.replace(microsecond=0).isoformat()}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(CHILD),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={},
            cwd=root,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                made, said = await process.communicate(json.dumps(asked).encode())
        except TimeoutError as error:
            raise PressFailed() from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0 or not made.startswith(SIGNS[format]):
        # The last line names the fault of the layout; it never holds the values.
        log.warning("layout_refused", exit=process.returncode, reason=_reason(said))
        raise PressFailed(Sentence(NOT_LAID, (_reason(said),)))
    return made


def _reason(said: bytes) -> str:
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if "Error" in line or "error" in line]
    return lines[-1][:200] if lines else "it took too much time or memory"
