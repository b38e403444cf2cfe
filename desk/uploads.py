"""Uploads: decides whether a received file is what it says, and cleans it. Pure; never stores (see
`desk.attachments`)."""

import io
import re
import unicodedata
import warnings
import zlib
from collections.abc import Iterator

import msgspec
import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from desk.errors import UploadDisguised, UploadEmpty, UploadKindRefused, UploadTooLarge, UploadUnreadable

LARGEST_IMAGE = 60_000_000
"""Pixels: above any telephone's camera, below what would fill the memory."""

LONGEST_EDGE = 4_000

MOST_SEGMENTS = 5_000
"""Of a JPEG before its picture; a telephone writes about ten, and reading one made of nothing else would take long."""

SIGNATURES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
ENDINGS = {"pdf": "application/pdf", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}

# A PDF that runs something when opened is refused, whoever sends it.
ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")


CROSS_REFERENCE = re.compile(rb"\s*(?:xref|\d+\s+\d+\s+obj)")
OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
PAGE = re.compile(rb"/Type\s*/Pages?\b")
MOST_INFLATED = 50_000_000


class CheckedUpload(msgspec.Struct, frozen=True, kw_only=True):
    """A file fit to keep: safe name, media type by content, content (photographs re-encoded without their metadata)."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes, *, limit: int = 10 * 1024 * 1024) -> CheckedUpload:
    """The upload, cleaned. Raises a subclass of `UploadRefused`: `UploadTooLarge`, `UploadEmpty`, `UploadKindRefused`,
    `UploadDisguised` (content is not what the name says), `UploadUnreadable`. Blocking for photographs: call in a
    thread."""
    if not content:
        raise UploadEmpty()
    if len(content) > limit:
        raise UploadTooLarge(limit=limit)
    name = safe_name(name)
    promised = ENDINGS.get(name.rpartition(".")[2].lower())
    found = next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), "")
    # A second opinion: what two tables of signatures do not agree on is not what it says.
    if found and found not in _kinds_elsewhere(content):
        raise UploadDisguised()
    if promised is None:
        raise UploadKindRefused()
    if found != promised:
        raise UploadDisguised()
    cleaned = _checked_pdf(content) if found == "application/pdf" else _redrawn(content, found)
    return CheckedUpload(name=name, media_type=found, content=cleaned)


def safe_name(name: str) -> str:
    """The file's own name without folders, control and bidirectional characters, at most 120 characters."""
    last = re.split(r"[\\/]", name)[-1]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem, dot, ending = kept.strip(" .").rpartition(".")
    return (
        f"{stem[: 119 - len(ending)]}{dot}{ending}" if dot and len(ending) < 8 else (kept.strip(" .") or "file")[:120]
    )


def _kinds_elsewhere(content: bytes) -> set[str]:
    try:
        return {each.mime_type for each in puremagic.magic_string(content[:8192])}
    except (puremagic.PureError, ValueError):
        return set()


def _checked_pdf(content: bytes) -> bytes:
    """The PDF, when it opens (ISO 32000-1, 7.5: a cross-reference where the trailer says, and pages) and runs nothing,
    in its compressed objects neither."""
    start = re.findall(rb"startxref\s+(\d{1,10})\s+%%EOF", content[-2048:])
    if not start or not CROSS_REFERENCE.match(content, min(int(start[-1]), len(content))):
        raise UploadUnreadable()
    parts = [content, *_object_streams(content)]
    if any(b"/Encrypt" in part for part in parts) or not any(PAGE.search(part) for part in parts):
        raise UploadUnreadable()
    if any(ACTIVE_PDF.search(_unescaped(part)) for part in parts):
        raise UploadKindRefused()
    return content


def _object_streams(content: bytes) -> Iterator[bytes]:
    """The objects a PDF keeps compressed, as text; at most `MOST_INFLATED` bytes of them in all."""
    left = MOST_INFLATED
    for found in OBJECT_STREAM.finditer(content):
        inflater = zlib.decompressobj()
        try:
            part = inflater.decompress(content[found.end() : content.find(b"endstream", found.end())], left)
        except zlib.error as error:
            raise UploadUnreadable() from error
        left -= len(part)
        if left <= 0:
            raise UploadTooLarge(pixels=0)
        yield part


def _unescaped(part: bytes) -> bytes:
    # A name may be written with its letters as numbers: /J#61vaScript.
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), part)


def _reaches_its_picture(jpeg: bytes) -> bool:
    """Whether the picture begins within `MOST_SEGMENTS` segments (ITU-T T.81, B.1.1: 0xFF, kind, length, content)."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        kind = jpeg[at + 1 : at + 2]
        if kind == b"\xda" and jpeg[at] == 0xFF:
            return True
        if jpeg[at : at + 1] != b"\xff" or kind in (b"\x00", b"\xff"):
            at += 1
        elif kind == b"\x01" or b"\xd0" <= kind <= b"\xd9":
            at += 2
        else:
            at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return False


def _redrawn(content: bytes, media_type: str) -> bytes:
    if media_type == "image/jpeg" and not _reaches_its_picture(content):
        raise UploadUnreadable()
    # Drawing it again drops position, camera and anything hidden behind the picture.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > LARGEST_IMAGE:
                    raise UploadTooLarge(pixels=LARGEST_IMAGE)
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
                drawn = io.BytesIO()
                if media_type == "image/jpeg":
                    upright.convert("RGB").save(drawn, "JPEG", quality=88)
                else:
                    upright.convert("RGBA" if "A" in upright.getbands() else "RGB").save(drawn, "PNG")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UploadUnreadable() from error
    except Image.DecompressionBombWarning as error:
        raise UploadTooLarge(pixels=LARGEST_IMAGE) from error
    return drawn.getvalue()
