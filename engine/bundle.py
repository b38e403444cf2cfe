"""Bundle: one procedure as a folder or a zip, read into memory as an immutable value, or refused with the reason.

Nothing of a bundle is written to the disk or run here, and no name in it is followed: a path that climbs, a link, a
bomb or a file Parvis has no use for is a refusal. What the diagrams mean is the business of `engine.definition` and
`engine.lint`.
"""

import hashlib
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from engine.errors import BundleRefused
from engine.manifest import Manifest, read_manifest

MANIFEST = "manifest.json"
MOST_FILES = 400
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_BUNDLE = 20 * 1024 * 1024
LARGEST_ZIP = 20 * 1024 * 1024

_KNOWN = re.compile(
    r"(manifest\.json|README(\.[a-z]{2})?\.md|[\w.-]+\.(bpmn|dmn)|forms/[\w.-]+\.json|scenarios/[\w.-]+\.json"
    r"|letters/[\w.-]+\.(fr|en)\.txt)\Z"
)
# Left in archives by desktop systems; never content.
_LITTER = re.compile(r"(^|/)(\.DS_Store|Thumbs\.db|\._[^/]*)$|^__MACOSX/")
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Bundle(msgspec.Struct, frozen=True):
    """`files` maps each path to its normalised bytes; `hash` is the SHA-256 over all of them."""

    slug: str
    hash: str
    manifest: Manifest
    files: Mapping[str, bytes]

    def names(self, suffix: str) -> tuple[str, ...]:
        """Paths that end so, sorted."""
        return tuple(sorted(name for name in self.files if name.endswith(suffix)))

    def text(self, name: str) -> str:
        """A file's text. Raises KeyError when the bundle has none of this name."""
        return self.files[name].decode()

    def json(self, name: str) -> Any:
        """A file's JSON value. Raises KeyError when the bundle has none of this name."""
        return msgspec.json.decode(self.files[name])


def read_folder(folder: Path) -> Bundle:
    """The bundle in this folder. Raises `BundleRefused` or `ManifestInvalid`."""
    if not folder.is_dir():
        raise BundleRefused("expected a folder, but {folder} is none", folder=folder)
    return bundle_of(dict(_folder_files(folder)))


def read_zip(content: bytes) -> Bundle:
    """The bundle in this zip; its files may sit in one folder of their own. Raises `BundleRefused` or
    `ManifestInvalid`.
    """
    if len(content) > LARGEST_ZIP:
        raise BundleRefused("the archive is larger than {most} bytes", most=LARGEST_ZIP)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bundle_of(_without_top_folder(dict(_zip_files(archive))))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as broken:
        raise BundleRefused("the archive cannot be read ({broken})", broken=broken) from broken


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """A bundle of these files, normalised and checked. Raises `BundleRefused` or `ManifestInvalid`."""
    if len(files) > MOST_FILES:
        raise BundleRefused("expected at most {most} files, but there are {count}", most=MOST_FILES, count=len(files))
    normalised = {name: _normalised(name, content) for name, content in sorted(files.items())}
    if MANIFEST not in normalised:
        raise BundleRefused("a bundle must have one", MANIFEST)
    for name in (name for name in normalised if name.endswith(".json")):
        _check_json(name, normalised[name])
    manifest = read_manifest(normalised[MANIFEST])
    return Bundle(manifest.slug, _hash(normalised), manifest, MappingProxyType(normalised))


def write_zip(bundle: Bundle) -> bytes:
    """The bundle as a zip: the same bundle always gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(bundle.files.items()):
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise BundleRefused("links are not followed", name)
        if path.is_dir() or _LITTER.search(name):
            continue
        total += path.stat().st_size
        _check_size(name, path.stat().st_size, total)
        yield name, path.read_bytes()


def _zip_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _LITTER.search(entry.filename)]
    if len(entries) > MOST_FILES:
        raise BundleRefused("expected at most {most} files, but there are {count}", most=MOST_FILES, count=len(entries))
    _check_size("the archive", 0, sum(entry.file_size for entry in entries))
    seen: set[str] = set()
    total = 0
    for entry in entries:
        _check_entry(entry)
        if entry.filename.casefold() in seen:
            raise BundleRefused("the archive holds it twice", entry.filename)
        seen.add(entry.filename.casefold())
        # The declared size may lie: read one byte more than is allowed, and look at what came.
        with archive.open(entry) as opened:
            content = opened.read(LARGEST_FILE + 1)
        total += len(content)
        _check_size(entry.filename, len(content), total)
        yield entry.filename, content


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
        raise BundleRefused("a path must stay inside the bundle", name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BundleRefused("links are not followed", name)
    if entry.flag_bits & 0x1:
        raise BundleRefused("it is encrypted", name)
    # Other methods reserve as much memory as the file asks for.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BundleRefused("it is compressed in a way Parvis does not read: make a plain zip", name)


def _check_size(name: str, size: int, total: int) -> None:
    if size > LARGEST_FILE:
        raise BundleRefused("larger than {most} bytes", name, most=LARGEST_FILE)
    if total > LARGEST_BUNDLE:
        raise BundleRefused("the files together are larger than {most} bytes", most=LARGEST_BUNDLE)


def _without_top_folder(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    tops = {name.split("/", 1)[0] for name in files}
    if MANIFEST in files or len(tops) != 1:
        return files
    return {name.split("/", 1)[-1]: content for name, content in files.items()}


def _normalised(name: str, content: bytes) -> bytes:
    if not _KNOWN.match(name):
        raise BundleRefused("Parvis has no use for this file: see the reference page of bundles", name)
    if name.endswith((".bpmn", ".dmn")):
        return content  # XML names its own encoding.
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise BundleRefused("this is not UTF-8 text", name) from broken
    return text.replace("\r\n", "\n").encode()


def _check_json(name: str, content: bytes) -> None:
    try:
        msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as broken:
        raise BundleRefused("this is not JSON ({broken})", name, broken=broken) from broken


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{len(name.encode())}:{name}{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()
