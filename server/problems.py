"""Problems: every error as an answer. Machine clients get RFC 9457 problem details; people get a page
(`web.pages.problems`).

The only place where errors of the floors meet HTTP statuses for machine clients. Never shows an unexpected error's
text: it is logged with its type, and with the ids the floors put in it.
"""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from web.pages.problems import problem_page, status_of

MACHINE_PATHS = ("/v2/", "/api/", "/open311/", "/hooks/", "/oauth/")
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done here",
    409: "Somebody was faster",
    413: "This is too large",
    422: "This is not valid",
    429: "Too many tries",
    500: "Parvis could not do this",
    503: "Parvis is not ready",
}
_log = structlog.get_logger()


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer for any error, in the form the caller reads."""
    return machine_problem(request, error) if wants_json(request) else problem_page(request, error)


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """True for the addresses of machine clients, and for whoever accepts JSON rather than HTML."""
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith(MACHINE_PATHS) or ("json" in accepted and "text/html" not in accepted)


def machine_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """RFC 9457 problem details."""
    status = status_of(error)
    if status >= 500:
        _log.error(
            "request_failed", path=request.scope.get("path_template", ""), error=type(error).__name__, exc_info=error
        )
    headers: dict[str, str] = dict(getattr(error, "headers", None) or {})
    code = getattr(error, "code", None) or TITLES.get(status, "Refused")
    body: dict[str, Any] = {"type": f"urn:parvis:problem:{type(error).__name__}", "title": code, "status": status}
    body |= {"detail": _detail(error, status), "instance": request.url.path}
    if errors := getattr(error, "errors", None):
        body["errors"] = errors
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _detail(error: Exception, status: int) -> str:
    """What the caller did wrong. Of what went wrong here nothing is told."""
    if status >= 500 and not hasattr(error, "code"):
        return TITLES.get(status, TITLES[500])
    if not isinstance(error, HTTPException):
        return str(error)
    extra: Any = error.extra
    said = [str(each.get("message", "")) for each in extra if isinstance(each, dict)] if isinstance(extra, list) else []
    return "; ".join([error.detail, *filter(None, said)])


PROBLEMS: dict[Any, Any] = {Exception: answer_problem, HTTPException: answer_problem}
