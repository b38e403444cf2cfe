"""Hostile documents: refused in child processes of little time and memory, in words, and nobody else notices."""

import resource
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from engine import limited, lint
from engine.limited import LimitedFailed
from tests.engine.bundles import a_bundle
from tests.engine.test_lint import Town

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


def scripts(count: int, expression: str) -> str:
    """A chain of script tasks that all compute this."""
    script = f'<zeebe:script expression="={expression}" resultVariable="v"/>'
    names = ["S", *[f"T{number}" for number in range(count)], "E"]
    flows = [
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pairwise(names))
    ]
    script = f"<extensionElements>{script}</extensionElements></scriptTask>"
    tasks = [f'<scriptTask id="{name}" name="t">{script}' for name in names[1:-1]]
    return f'<startEvent id="S"/>{"".join(tasks)}<endEvent id="E"/>{"".join(flows)}'


def test_every_hostile_document_is_refused_with_its_reason_and_the_sound_one_is_not() -> None:
    found = limited.refusals({**HOSTILE, "sound": b"<d/>"})

    assert set(found) == set(HOSTILE)
    assert all(reason.startswith("Expected") for reason in found.values())


def test_a_document_that_is_too_much_is_refused_and_the_others_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "MEMORY", 8 * 1024 * 1024)

    found = limited.refusals({"sound": b"<d/>", "large": b"<d>" + b"a" * 5_000_000 + b"</d>"})

    assert set(found) == {"large"}


def test_what_cannot_be_judged_in_the_memory_of_a_child_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    procedure = a_bundle(scripts(300, "a + 1"))
    assert "safe-document" not in {each.rule for each in lint.check(procedure, Town())}

    monkeypatch.setattr(limited, "MEMORY", 8 * 1024 * 1024)

    assert [each.rule for each in lint.check(procedure, Town())] == ["safe-document"]


def test_a_procedure_within_the_bounds_of_a_document_is_judged_within_the_limits_or_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hundreds of long expressions: reading the XML is nothing, judging it is. The time is the child's, never ours."""
    hostile = a_bundle(scripts(900, "+".join(["a.b"] * 1_000)))
    monkeypatch.setattr(limited, "SECONDS", 1)
    ours = time.process_time()

    [finding] = lint.check(hostile, Town())

    assert (finding.rule, finding.severity, finding.file) == ("safe-document", "error", "petition.bpmn")
    assert "needs more time" in finding.says()
    assert time.process_time() - ours < limited.SECONDS


@pytest.fixture
def another_nursery(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A nursery of this test's own."""
    monkeypatch.setattr(limited, "_nursery", limited._Nursery())
    yield
    process = limited._nursery._process
    if process is not None:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("another_nursery")
def test_a_nursery_that_has_ended_is_started_again_and_ends_with_the_process_that_needs_it() -> None:
    limited.refusals({"d": b"<d/>"})
    first = limited._nursery._process
    assert first is not None
    first.kill()

    assert limited.refusals({"d": b"<d/>", "no": b"<"}).keys() == {"no"}

    second, control = limited._nursery._process, limited._nursery._control
    assert second is not None and second is not first and control is not None
    control.close()
    assert second.wait(60) == 0


@pytest.mark.usefixtures("another_nursery")
def test_nothing_is_let_in_where_no_child_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(LimitedFailed):
        limited.refusals({"a": b"<d/>"})


def test_a_rule_that_fails_is_told_and_not_taken_for_a_finding() -> None:
    with pytest.raises(LimitedFailed, match="KeyError"):
        limited.do(
            "judge",
            {"slug": "s", "hash": "h", "files": {}, "departments": None, "processes": None, "connections": None},
        )


def test_the_limits_are_the_childs_alone() -> None:
    limited.refusals({"d": b"<d/>"})

    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
