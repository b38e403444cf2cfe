"""Layout: draws a template with what all of them need. Never decides what a page says."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect, Template

from accounts import permissions
from web.pages import csrf
from web.pages.visit import Visit, visit_of

AnyRequest = Request[Any, Any, Any]


def page(request: AnyRequest, name: str, /, *, status: int = 200, **context: Any) -> Template:
    """The page `name` with its own context and the shared one."""
    return Template(
        template_name=name, context={**shared(request), **context}, status_code=status, media_type="text/html"
    )


def see_other(path: str) -> Response[Any]:
    """After a form: look there (303), so that refreshing never posts twice."""
    return Redirect(path, status_code=303)


def shared(request: AnyRequest) -> dict[str, Any]:
    """What the layouts read."""
    visit = visit_of(request)
    return {
        "house": visit.house,
        "town": visit.house.town,
        "now": visit.now,
        "viewer": visit.viewer,
        "language": visit.language,
        "path": request.url.path,
        "csrf_token": lambda: csrf.token(visit),
        "may": _may(visit),
        "other_language": other_language(request, visit),
    }


def other_language(request: AnyRequest, visit: Visit) -> str:
    """The same page in the other language (home, when the page was the answer to a form)."""
    code = "en" if visit.language == "fr" else "fr"
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    query = "&".join(f"{key}={value}" for key, value in _quoted(kept))
    path = request.url.path if request.method == "GET" else "/"
    return f"{path}?{query}&lang={code}" if query else f"{path}?lang={code}"


def local_path(path: str, default: str) -> str:
    """The path when it is one of ours; never another site's (`//host`, `/\\host`, `javascript:`)."""
    # Browsers drop tabs and line ends before they read an address: `/\t/host` is `//host` to them.
    plain = not any(sign <= " " or sign == "\x7f" for sign in path)
    safe = plain and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if safe else default


def _quoted(pairs: list[tuple[str, Any]]) -> list[tuple[str, str]]:

    return [(quote(key), quote(str(value))) for key, value in pairs]


def _may(visit: Visit) -> dict[str, bool]:
    viewer = visit.viewer
    return {
        "work": permissions.is_agent(viewer),
        "search": permissions.may_search(viewer),
        "file": permissions.may_file_on_behalf(viewer),
        "supervise": permissions.may_supervise(viewer),
        "administer": permissions.may_administer(viewer),
    }
