"""Limited: reads XML that somebody uploaded in a child process with little time and memory, before anything else
touches it.

Run as `python -m engine.limited` it is that child; `refusals` starts it. What is safe is said by
`engine.bpmn.parser.safe`.
"""

import resource
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.bpmn.errors import UnsafeDocument
from engine.bpmn.parser.safe import read_xml  # pyright: ignore[reportUnknownVariableType]

SECONDS = 10
MEMORY = 1024 * 1024 * 1024
TOO_MUCH = "Reading it needs more time or memory than a diagram may."


def refusals(documents: Mapping[str, bytes]) -> dict[str, str]:
    """Why some of these documents are refused, by name; nothing for those that are safe."""
    if not documents:
        return {}
    asked = {name: b64encode(content).decode() for name, content in documents.items()}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "engine.limited"],
            input=msgspec.json.encode(asked),
            capture_output=True,
            cwd=Path(__file__).parents[1],
            timeout=SECONDS * 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(documents, TOO_MUCH)
    if child.returncode != 0:
        return _one_by_one(documents)
    return msgspec.json.decode(child.stdout, type=dict[str, str])


def _one_by_one(documents: Mapping[str, bytes]) -> dict[str, str]:
    """The child died: find the document that did it."""
    if len(documents) == 1:
        return dict.fromkeys(documents, TOO_MUCH)
    found: dict[str, str] = {}
    for name, content in documents.items():
        found |= refusals({name: content})
    return found


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _main() -> None:
    _limit()
    documents = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, str])
    found: dict[str, str] = {}
    for name, content in documents.items():
        try:
            read_xml(b64decode(content))
        except UnsafeDocument as refusal:
            found[name] = str(refusal)
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    _main()
