"""Mails: what Parvis has sent while the town has no mail server: the local sink's messages, to be read here instead."""

from typing import Any, Protocol

from litestar import Response, get

from web.pages import guards, uploads
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page
from web.pages.visit import visit_of


class Sink(Protocol):
    """What `server.mail_sink.MailSink` offers to these pages."""

    def recent(self, limit: int = 100) -> list[Any]: ...
    def read(self, key: str) -> Any | None: ...
    def content(self, key: str) -> bytes | None: ...


PAGE, MOST = 50, 1000


@get("/admin/courriels", guards=[guards.administrator])
async def mails(request: AnyRequest) -> Response[Any]:
    """The messages by pages of fifty, newest first; `suite` counts those of the pages before."""
    asked = request.query_params.get("suite", "")
    start = min(int(asked), MOST) if asked.isdecimal() and len(asked) < 6 else 0
    # One more than a page shows: its presence says that there is a page after.
    found = _sink(request).recent(start + PAGE + 1)[start:]
    following = start + PAGE if len(found) > PAGE and start < MOST else None
    return page(request, "admin/mails.html", mails=found[:PAGE], start=start, following=following)


@get("/admin/courriels/{key:str}", guards=[guards.administrator])
async def mail(request: AnyRequest, key: str) -> Response[Any]:
    """One message as its recipient reads it."""
    found = _sink(request).read(key)
    if found is None:
        raise NotFound
    return page(request, "admin/mail.html", mail=found)


@get("/admin/courriels/{key:str}/source", guards=[guards.administrator])
async def source(request: AnyRequest, key: str) -> Response[bytes]:
    """The message as it was sent, with its attachments."""
    content = _sink(request).content(key)
    if content is None:
        raise NotFound
    return uploads.serve(content, "message.eml", "message/rfc822")


def _sink(request: AnyRequest) -> Sink:
    sink: Sink | None = visit_of(request).house.connections.get("mail_sink")
    if sink is None:
        raise NotFound
    return sink


HANDLERS = [mails, mail, source]
