"""Recipes: connectors without code, whose template says which HTTP call to make. Values that begin with `=` are FEEL.

An administrator adds one on a screen: it may only call the hosts of its connection, like any connector.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.calling import address_of, content_of, headers_of, judge, repeat_of
from connectors.catalogue import Recipe, Template
from connectors.errors import AnswerGarbled, ConnectorError, RecipeBroken
from connectors.signing_in import SigningIn
from connectors.trying import knock
from engine.connector import BusinessError, Checked, Connection, HttpReply, Job, JobOutcome, Preview, Tools
from engine.encoding import json_text
from engine.feel import FeelError, compile_expression

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class RecipeConnector:
    """The connector of a template that has a recipe."""

    def __init__(self, template: Template, tools: Tools) -> None:
        assert template.beyond.recipe is not None
        self.recipe, self.tools, self.signing_in = template.beyond.recipe, tools, SigningIn(tools)

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Call as the recipe says. Its `error` expression may give a code, or `{code, message}`: a business error."""
        connection = await self.tools.connection(job)
        method, url, headers, body = self._call(job, connection, now)
        reply = await self.signing_in.request(
            connection, method, url, job_id=str(job.id), now=now, headers=headers, body=body
        )
        self._refuse(job, reply, now)
        judge(reply, job)
        content_of(reply)  # a success that cannot be read is none
        seen = {**_seen(job), "response": _response(reply)}
        result = said_of(self.recipe.result, seen, now) if self.recipe.result else {"response": seen["response"]}
        return JobOutcome(variables=result if isinstance(result, dict) else {"result": result})

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Ask for the recipe's test path, else for the address itself."""
        try:
            said = await self.signing_in.headers(connection, "test", b"", now)
        except ConnectorError as error:
            return Checked(well=False, said=str(error))
        return await knock(self.tools, connection, address_of(connection, self.recipe.test), said)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The call that would leave; credentials are not shown."""
        method, url, headers, body = self._call(job, await self.tools.connection(job), now)
        lines = [("Appel", f"{method} {url}"), *headers.items(), ("Contenu", (body or b"").decode() or "–")]
        return Preview(lines=tuple(lines))

    def _call(self, job: Job, connection: Connection, now: datetime) -> tuple[str, str, dict[str, str], bytes | None]:
        seen = _seen(job)
        path = str(said_of(self.recipe.path, seen, now) or "")
        headers = headers_of({name: said_of(each, seen, now) for name, each in self.recipe.headers.items()})
        body = None
        if self.recipe.body and self.recipe.method != "GET":
            body = json_text(said_of(self.recipe.body, seen, now)).encode()
            headers = {"Content-Type": "application/json", **headers}
        url = address_of(connection, quote(path, safe="/:?#[]@!$&'()*+,;=%-._~"))
        return self.recipe.method, url, {"Accept": "application/json", **headers, **repeat_of(job)}, body

    def _refuse(self, job: Job, reply: HttpReply, now: datetime) -> None:
        if not self.recipe.error:
            return
        found = said_of(self.recipe.error, {**_seen(job), "response": _response(reply)}, now)
        if isinstance(found, dict) and found.get("code"):
            raise BusinessError(str(found["code"])[:80], str(found.get("message") or ""))
        if isinstance(found, str) and found:
            raise BusinessError(found[:80])


def problems_of(recipe: Recipe) -> list[str]:
    """What of a recipe cannot work: the parts whose expression does not compile, an unknown method."""
    parts = {"path": recipe.path, "body": recipe.body, "result": recipe.result, "error": recipe.error, **recipe.headers}
    wrong = [name for name, text in parts.items() if text.startswith("=") and not _compiles(text[1:])]
    return wrong + ([] if recipe.method in METHODS else ["method"])


def said_of(text: str, seen: dict[str, Any], now: datetime) -> Any:
    """The text itself, or the value of the expression behind `=`. Raises `RecipeBroken`."""
    if not text.startswith("="):
        return text
    try:
        return compile_expression(text[1:]).evaluate(seen, now)
    except FeelError as error:
        raise RecipeBroken() from error


def _compiles(text: str) -> bool:
    try:
        compile_expression(text)
    except FeelError:
        return False
    return True


def _seen(job: Job) -> dict[str, Any]:
    return {"input": job.input, "case": job.case, "job": {"id": str(job.id), "procedure": job.procedure}}


def _response(reply: HttpReply) -> dict[str, Any]:
    try:
        body = content_of(reply)
    except AnswerGarbled:
        body = None
    return {"status": reply.status, "headers": msgspec.to_builtins(reply.headers), "body": body}
