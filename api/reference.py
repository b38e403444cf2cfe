"""Reference: the OpenAPI document of all machine addresses, and a page made from it for people, without scripts."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from litestar import MediaType, Request, Response, get

from api.guards import open_to_all

OWN_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@get("/api/openapi.json", guards=[open_to_all], include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    return schema_of(request)


@get("/api/reference", guards=[open_to_all], include_in_schema=False, media_type=MediaType.HTML)
async def page(request: Request[Any, Any, Any]) -> Response[str]:
    """The same, for people."""
    schema = schema_of(request)
    drawn = _environment().get_template("reference.html").render(schema=schema, groups=groups_of(schema))
    return Response(drawn, headers={"content-security-policy": OWN_POLICY}, media_type=MediaType.HTML)


def schema_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The document of the application that was asked."""
    return request.app.openapi_schema.to_schema()


def groups_of(schema: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Operations by tag, in the order of their paths."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in sorted(schema.get("paths", {}).items()):
        for method, operation in operations.items():
            if not isinstance(operation, dict):
                continue
            said = {
                "method": method.upper(),
                "path": path,
                "summary": operation.get("description") or operation.get("summary", ""),
                "id": operation.get("operationId", ""),
                "parameters": operation.get("parameters", []),
                "body": _named(operation.get("requestBody", {})),
                "answers": _answers(operation.get("responses", {})),
            }
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(said)
    return sorted(groups.items())


def _answers(responses: dict[str, Any]) -> list[tuple[str, str]]:
    return [(status, _named(each)) for status, each in sorted(responses.items()) if status < "4"]


def _named(holder: dict[str, Any]) -> str:
    """The name of the schema that a body is written in."""
    for content in holder.get("content", {}).values():
        schema = content.get("schema", {})
        candidates = [schema, *schema.get("oneOf", [])]
        for each in candidates:
            if "$ref" in each:
                return each["$ref"].rpartition("/")[2]
    return ""


@lru_cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=select_autoescape())


HANDLERS = [document, page]
