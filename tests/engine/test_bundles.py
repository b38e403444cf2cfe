"""Bundles: what is read, what is refused, and that the same content is the same bundle."""

import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine import bundle
from engine.bundle import bundle_of, read_folder, read_zip, write_zip
from engine.errors import BundleRefused, ManifestInvalid
from engine.manifest import read_manifest
from tests.engine.bundles import a_bundle, a_manifest


def a_zip(*files: tuple[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, compress)
    return buffer.getvalue()


MANIFEST = ("manifest.json", json.dumps(a_manifest()).encode())


def test_a_bundle_survives_its_zip_and_a_folder(tmp_path: Path) -> None:
    original = a_bundle()
    for name, content in original.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    assert read_zip(write_zip(original)) == original
    assert read_folder(tmp_path) == original
    assert write_zip(original) == write_zip(read_folder(tmp_path))


def test_line_ends_and_marks_of_windows_change_no_hash() -> None:
    files = dict(a_bundle().files) | {"letters/a.fr.txt": b"Objet : a\n\nb\n"}
    windows = {
        name: content.replace(b"\n", b"\r\n") if name.endswith(".txt") else content for name, content in files.items()
    }
    windows["letters/a.fr.txt"] = b"\xef\xbb\xbf" + windows["letters/a.fr.txt"]

    assert bundle_of(windows).hash == bundle_of(files).hash


def test_any_other_change_changes_the_hash() -> None:
    assert a_bundle(title={"fr": "Autre", "en": ""}).hash != a_bundle().hash


def test_files_in_one_folder_of_the_zip_are_found_and_litter_is_left_out() -> None:
    content = a_zip(
        ("petition/manifest.json", MANIFEST[1]),
        ("petition/.DS_Store", b"x"),
        ("__MACOSX/petition/._manifest.json", b"x"),
    )

    assert list(read_zip(content).files) == ["manifest.json"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..\\x.bpmn", "a/../../x.bpmn", "C:/x.bpmn", "forms/../x.json", "forms/.."],
)
def test_a_path_that_leaves_the_bundle_is_refused(name: str) -> None:
    with pytest.raises(BundleRefused, match="must stay inside"):
        read_zip(a_zip(MANIFEST, (name, b"{}")))


@pytest.mark.parametrize("name", ["run.py", "forms/x.js", "x.bpmn.exe", "deep/er/x.bpmn", "letters/x.de.txt", "a.svg"])
def test_a_file_parvis_has_no_use_for_is_refused(name: str) -> None:
    with pytest.raises(BundleRefused, match="no use"):
        read_zip(a_zip(MANIFEST, (name, b"{}")))


def test_a_link_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(*MANIFEST)
        link = zipfile.ZipInfo("forms/x.schema.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "manifest.json").symlink_to("/etc/passwd")

    with pytest.raises(BundleRefused, match="links"):
        read_zip(buffer.getvalue())
    with pytest.raises(BundleRefused, match="links"):
        read_folder(tmp_path)


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(BundleRefused, match="larger"):
        read_zip(a_zip(MANIFEST, *((f"forms/{n}.json", bytes(4_900_000)) for n in range(5))))


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(a_zip(MANIFEST, ("forms/x.json", bytes(6_000_000))))
    size = (6_000_000).to_bytes(4, "little")
    lying = bytes(content).replace(size, (10).to_bytes(4, "little"))

    with pytest.raises(BundleRefused):
        read_zip(lying)


def test_too_many_files_are_refused() -> None:
    with pytest.raises(BundleRefused, match="at most"):
        read_zip(a_zip(MANIFEST, *((f"forms/{n}.json", b"{}") for n in range(bundle.MOST_FILES))))


def test_a_file_held_twice_is_refused() -> None:
    with pytest.warns(UserWarning), pytest.raises(BundleRefused, match="twice"):
        read_zip(a_zip(MANIFEST, MANIFEST))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(BundleRefused):
        read_zip(content)


@pytest.mark.parametrize("broken", [b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff"])
def test_broken_json_is_refused_with_its_file(broken: bytes) -> None:
    with pytest.raises(BundleRefused, match=r"forms/x\.schema\.json"):
        read_zip(a_zip(MANIFEST, ("forms/x.schema.json", broken)))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"slug": "../x"}, r"\$\.slug"),
        ({"slug": 3}, r"\$\.slug"),
        ({"title": {"en": "x"}}, r"\$\.title"),
        ({"colour": "red"}, "colour"),
        ({"term": {"working_days": 1, "days": 2}}, r"\$\.term"),
        ({"term": {"working_days": -1}}, r"\$\.term"),
        ({"start_forms": [{"form": "x"}]}, r"\$\.start_forms\[0\]"),
        ({"personal_data": None}, r"\$\.personal_data"),
    ],
)
def test_a_wrong_manifest_is_refused_at_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(ManifestInvalid, match=place):
        read_manifest(json.dumps(a_manifest() | changes).encode())
