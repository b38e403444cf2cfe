"""Hostile documents: refused in a child process of little time and memory, in words, and nobody else notices."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

from engine import limited

ROOT = Path(__file__).parents[2]
BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><d>&i;</d>"
)
HOSTILE = {
    "entities that multiply": BOMB.encode(),
    "a file of this machine": b'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><d>&f;</d>',
    "a document elsewhere": b'<!DOCTYPE d SYSTEM "http://127.0.0.1:1/d.dtd"><d/>',
    "a DOCTYPE in another encoding": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY a "a">]><d/>'.encode(
        "utf-16"
    ),
    "too many bytes": b"<d>" + b"a" * (5 * 1024 * 1024) + b"</d>",
    "too many elements": b"<d>" + b"<e/>" * 5_001 + b"</d>",
    "too many levels": b"<d>" * 250 + b"</d>" * 250,
    "far too many levels": b"<d>" * 100_000 + b"</d>" * 100_000,
    "no XML": b"\x00\xff\xfe",
    "nothing": b"",
}


def child(code: str, stdin: bytes = b"") -> int:
    """How a child that runs this ends; negative for the signal that ended it."""
    command = [sys.executable, "-c", f"from engine import limited\n{code}"]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, check=False).returncode


def test_every_hostile_document_is_refused_with_its_reason_and_the_sound_one_is_not() -> None:
    found = limited.refusals({**HOSTILE, "sound": b"<d/>"})

    assert set(found) == set(HOSTILE)
    assert all(reason.startswith("Expected") for reason in found.values())


def test_the_child_may_not_take_more_memory_than_its_limit() -> None:
    assert child("limited._limit()\nbytearray(limited.MEMORY * 2)") != 0
    assert child("limited._limit()\nbytearray(limited.MEMORY // 8)") == 0


def test_the_child_may_not_compute_longer_than_its_limit() -> None:
    assert child("limited.SECONDS = 1\nlimited._limit()\nwhile True: pass") < 0


def test_a_document_that_needs_more_than_the_limits_is_refused_and_the_others_are_still_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A child that dies leaves no answer: the documents are then read one by one."""
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert limited.refusals({"a": b"<d/>", "b": b"<d/>"}) == {"a": limited.TOO_MUCH, "b": limited.TOO_MUCH}


def test_the_child_reads_within_less_memory_than_a_document_needs_or_dies() -> None:
    asked = msgspec.json.encode({"d": b64encode(b"<d>" + b"a" * 4_000_000 + b"</d>").decode()})

    assert child("limited._main()", asked) == 0
    assert child("limited.MEMORY = 40 * 1024 * 1024\nlimited._main()", asked) != 0
