"""Problems: every error as a calm page that says what happened, what was kept and what to do.
JSON callers: `server.problems`.

Writes unexpected errors to the log with their type and the route, never with what people typed.
"""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template

from accounts.errors import AccountsError, NotAllowed, PersonUnknown, TooManyTries
from engine.bpmn.errors import VariablesTooLarge
from web.pages import language
from web.pages.errors import Forbidden, FormForged, NotFound, NotSignedIn, PageError, TextTooLarge
from web.pages.layout import local_path, page
from web.pages.visit import SAFETY_HEADERS, stranger, visit_of

_log = structlog.get_logger()

_KNOWN = {400, 401, 403, 404, 405, 409, 413, 422, 429}


def problem_page(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The page for any error, also where no route matched (Litestar wants this to be synchronous)."""
    if "visit" not in request.scope["state"]:
        request.scope["state"]["visit"] = stranger(request)
        language.speak(request.scope["state"]["visit"].language)
    status = status_of(error)
    if status == 401:
        return _ask_to_sign_in(request)
    if status == 503:
        _log.warning("database_away", route=request.scope.get("path_template", ""), error=type(error).__name__)
    if status == 500:
        _log.error(
            "page_failed", route=request.scope.get("path_template", ""), error=type(error).__name__, exc_info=error
        )
    return problem(request, status, forged=isinstance(error, FormForged), error=error)


def problem(
    request: Request[Any, Any, Any], status: int, *, forged: bool = False, error: Exception | None = None
) -> Template:
    """The page for a status."""
    shown = status if status in _KNOWN else 500
    retry_at = error.retry_at if isinstance(error, TooManyTries) else None
    refused = error.sentence.says(language.translate) if isinstance(error, VariablesTooLarge) else None
    drawn = page(
        request,
        "pages/problem.html",
        status=status,
        problem=shown,
        forged=forged,
        retry_at=retry_at,
        refused=refused,
        long=isinstance(error, TextTooLarge),
    )
    drawn.headers.update({name.decode(): value.decode() for name, value in SAFETY_HEADERS if name != b"cache-control"})
    if status == 503:
        drawn.headers["retry-after"] = "5"
    if retry_at is not None:
        drawn.headers["retry-after"] = str(max(1, int((retry_at - drawn.context["now"]).total_seconds())))
    return drawn


def _ask_to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """The sign-in page in place of the one asked for. What was typed into a form comes back after signing in."""
    fields = visit_of(request).posted
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return page(
        request,
        "pages/sign_in.html",
        status=401,
        next=local_path(path, "/"),
        kept=fields,
        email="",
        refused=False,
        expired=True,
    )


def status_of(error: Exception) -> int:
    """The HTTP status of any error of this house."""
    match error:
        case PageError():
            return error.status
        case NotAllowed() | Forbidden():
            return 403
        case PersonUnknown() | NotFound():
            return 404
        case TooManyTries():
            return 429
        case AccountsError():
            return 422
        case HTTPException():
            return error.status_code
        case _:
            return engine_status(error)


def engine_status(error: Exception) -> int:
    """Errors of the floors below say their status by their name, so that pages need not import each of them."""
    for kind in type(error).__mro__:
        if kind.__name__.endswith(("Unknown", "NotFound")):
            return 404
        if kind.__name__.endswith("Missing"):
            return 422
        for status, names in _NAMED.items():
            if kind.__name__ in names:
                return status
    return 500


_NAMED = {
    409: {
        "TaskAlreadyCompleted",
        "TaskClaimedByAnother",
        "TaskWithdrawn",
        "CaseAlreadyClosed",
        "DraftChanged",
        "AttachmentHeld",
        "InstanceEnded",
        "InstanceSuspended",
        "InstanceNotSuspended",
        "CallerSuspended",
        "InstanceStays",
    },
    413: {"VariablesTooLarge"},
    422: {"ModificationRefused", "PlanInvalid", "OtherProcedure", "VariableNameInvalid", "VariableValueInvalid"},
    # Text that PostgreSQL cannot keep (the character NUL, which nobody types): the transaction has kept nothing of it.
    400: {"CharacterNotInRepertoireError", "UntranslatableCharacterError"},
    # The database restarts, or is away.
    503: {
        "PostgresConnectionError",
        "OperatorInterventionError",
        "InterfaceError",
        # The driver's, when the connection is cut between two of its steps.
        "InternalClientError",
        "ConnectionError",
        "TimeoutError",
    },
}

PROBLEMS: dict[Any, Any] = {Exception: problem_page, HTTPException: problem_page, NotSignedIn: problem_page}
