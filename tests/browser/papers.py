"""Files people send: a photo and an insurance certificate, made for the test."""

import io
from typing import TypedDict

from PIL import Image


class Paper(TypedDict):
    """A file as Playwright puts it into a file field."""

    name: str
    mimeType: str
    buffer: bytes


def photo(name: str = "trou.jpg") -> Paper:
    """A small photo."""
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 110, 100)).save(kept, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def certificate(name: str = "attestation.pdf") -> Paper:
    """A page in PDF."""
    kept = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(kept, "PDF")
    return {"name": name, "mimeType": "application/pdf", "buffer": kept.getvalue()}
