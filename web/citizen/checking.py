"""Checking: whether a paper or a file is the town's. Anybody who has the document may ask: its code proves that they
have it. Nothing is said of the case or of its applicant."""

import hashlib
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from accounts import throttle
from desk import seals
from web.pages import guards
from web.pages.layout import AnyRequest, page
from web.pages.signing_in import address_of
from web.pages.visit import visit_of


@get("/verifier", guards=[guards.anyone])
async def ask(request: AnyRequest) -> Response[Any]:
    """The form: the code of the paper, or the file."""
    return page(request, "citizen/check.html", code="", proof=None, refused="")


@post("/verifier", guards=[guards.anyone], status_code=200)
async def check(request: AnyRequest) -> Response[Any]:
    """What the town knows of this document."""
    visit, form = visit_of(request), await request.form()
    await visit.house.throttle.count(throttle.TRACKING_ADDRESS, address_of(request), visit.now)
    code, file = str(form.get("code", "")).strip()[:100], form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    sha256 = hashlib.sha256(content).hexdigest() if content else None
    secret = visit.house.secret_key
    if not code and sha256 is None:
        return page(request, "citizen/check.html", status=422, code="", proof=None, refused="empty")
    proof = await seals.of_code(code, secret, file_sha256=sha256) if code else await seals.of_file(sha256 or "", secret)
    if proof is None:
        refused = "code" if code else "file"
        return page(request, "citizen/check.html", status=404, code=code, proof=None, refused=refused)
    return page(request, "citizen/check.html", code=code, proof=proof, refused="")


HANDLERS = [ask, check]
