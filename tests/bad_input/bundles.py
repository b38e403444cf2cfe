"""Zips that an administrator might be handed, as bytes: sound ones, and ones that somebody has tampered with."""

import io
import zipfile

from tests.engine.bundles import DEFINITIONS, REVIEW, a_bundle

SOUND = dict(a_bundle().files)
DIAGRAM = "petition.bpmn"


def a_zip(changes: dict[str, bytes] | None = None, *more: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """The sound bundle with some of its files replaced, and entries added after them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*(SOUND | (changes or {})).items(), *more]:
            archive.writestr(name, content)
    return buffer.getvalue()


def a_diagram(body: str = REVIEW, before: str = "") -> bytes:
    """A diagram with this body; `before` stands between the XML declaration and the root."""
    declaration, _, rest = DEFINITIONS.format(process="petition", body=body).partition("\n")
    return f"{declaration}\n{before}\n{rest}".encode()
