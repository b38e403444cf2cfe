"""Reference: the OpenAPI document of all machine addresses, and a page made from it for people, without scripts."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import MediaType, Request, Response, get
from markupsafe import Markup

from api.guards import open_to_all
from api.house import house_of
from api.words import choose, say

OWN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PLACES = {"path": "in the path", "query": "in the query", "header": "in a header", "cookie": "in a cookie"}
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "nothing",
}
NOTHING: dict[str, Any] = {}


@get("/api/openapi.json", guards=[open_to_all], include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    return schema_of(request)


@get("/api/reference", guards=[open_to_all], include_in_schema=False, media_type=MediaType.HTML)
async def page(request: Request[Any, Any, Any], lang: str = "") -> Response[str]:
    """The same, for people, in the language they ask for, have chosen on the other pages, or that is the town's."""
    house, schema = house_of(request), schema_of(request)
    remembered = request.cookies.get(house.cookie("parvis-language"), "")
    return Response(
        drawn(schema, choose(lang, remembered, house.language)),
        headers={"content-security-policy": OWN_POLICY, "vary": "cookie"},
        media_type=MediaType.HTML,
    )


def schema_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The document of the application that was asked."""
    return request.app.openapi_schema.to_schema()


def drawn(schema: dict[str, Any], language: str) -> str:
    """The page of a document in a language."""
    return (
        _environment()
        .get_template("reference.html")
        .render(
            _=partial(say, language),
            language=language,
            info=schema["info"],
            openapi=schema["openapi"],
            groups=groups_of(schema),
            shapes=sorted(schema.get("components", NOTHING).get("schemas", NOTHING).items()),
        )
    )


def groups_of(schema: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Operations by tag, in the order of their paths."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in sorted(schema.get("paths", NOTHING).items()):
        for method, operation in operations.items():
            if not isinstance(operation, dict):
                continue
            said = {
                "method": method.upper(),
                "path": path,
                "paragraphs": paragraphs_of(operation),
                "id": operation.get("operationId", ""),
                "parameters": [(each, PLACES[each["in"]]) for each in operation.get("parameters", [])],
                "body": _named(operation.get("requestBody", NOTHING)),
                "answers": _answers(operation.get("responses", NOTHING)),
            }
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(said)
    return sorted(groups.items())


def paragraphs_of(operation: dict[str, Any]) -> list[str]:
    """What an operation says of itself, each paragraph on one line: the ids of the catalogue."""
    text: str = operation.get("description") or operation.get("summary", "")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def kinds_of(told: dict[str, Any], many: bool = False) -> Iterator[tuple[str, str, bool]]:
    """What a field may be: (`text`, a word for it) or (`shape`, its name), and whether it is a list of such."""
    if "$ref" in told:
        yield "shape", told["$ref"].rpartition("/")[2], many
    for each in (*told.get("oneOf", ()), *told.get("anyOf", ())):
        yield from kinds_of(each, many)
    types = told.get("type", ())
    for kind in [types] if isinstance(types, str) else types:
        if kind == "array":
            yield from kinds_of(told.get("items", NOTHING), many=True)
        else:
            yield "text", TYPES[kind], many
    if not {"$ref", "oneOf", "anyOf", "type"} & set(told):
        yield "text", "anything", many


def in_code(text: str) -> Markup:
    """The text with what stands between grave accents as code."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if odd % 2 else piece for odd, piece in enumerate(pieces)
    )


def _answers(responses: dict[str, Any]) -> list[tuple[str, str]]:
    return [(status, _named(each)) for status, each in sorted(responses.items()) if status < "4"]


def _named(holder: dict[str, Any]) -> str:
    """The name of the schema that a body is written in."""
    for content in holder.get("content", NOTHING).values():
        schema = content.get("schema", NOTHING)
        for each in [schema, *schema.get("oneOf", [])]:
            if "$ref" in each:
                return each["$ref"].rpartition("/")[2]
    return ""


@lru_cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    made = Environment(loader=loader, autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True)
    made.filters |= {"in_code": in_code, "kinds": lambda told: list(dict.fromkeys(kinds_of(told)))}
    return made


HANDLERS = [document, page]
