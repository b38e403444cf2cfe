"""HTTP: one call of a JSON service. The job's id goes with it (`Idempotency-Key`), so that a repeat is recognised."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from connectors.calling import address_of, content_of, headers_of, judge, repeat_of
from connectors.errors import ConnectorError, InputMissing
from connectors.inputs import text_of
from connectors.signing_in import SigningIn
from connectors.trying import knock
from engine.connector import Checked, Connection, Job, JobOutcome, Preview, Tools
from engine.encoding import json_text
from engine.feel.sentences import Sentence

NO_METHOD = "Expected a method among {0}, but got “{1}”."
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class HttpConnector:
    """Job type `parvis:http`."""

    def __init__(self, tools: Tools) -> None:
        self.tools, self.signing_in = tools, SigningIn(tools)

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Call. Business errors `HTTP_404`, `HTTP_409`, `HTTP_422`… for what the service refuses."""
        connection = await self.tools.connection(job)
        method, url, headers, body = self._call(job, connection)
        reply = await self.signing_in.request(
            connection, method, url, job_id=str(job.id), now=now, headers=headers, body=body
        )
        judge(reply, job)
        return JobOutcome(variables={"response": {"status": reply.status, "body": content_of(reply)}})

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Sign in, ask for the test path and say what came."""
        try:
            said = await self.signing_in.headers(connection, "test", b"", now)
        except ConnectorError as error:
            return Checked(well=False, said=str(error))
        return await knock(self.tools, connection, address_of(connection, connection.text("test_path")), said)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The call that would leave; credentials are not shown."""
        method, url, headers, body = self._call(job, await self.tools.connection(job))
        lines = [("Appel", f"{method} {url}"), *headers.items()]
        return Preview(lines=(*lines, ("Contenu", (body or b"").decode() or "–")))

    def _call(self, job: Job, connection: Connection) -> tuple[str, str, dict[str, str], bytes | None]:
        method = text_of(job, "method", "GET").upper()
        if method not in METHODS:
            raise InputMissing(Sentence(NO_METHOD, (", ".join(METHODS), method[:20])))
        url = address_of(connection, text_of(job, "path", ""))
        query = job.input.get("query")
        if isinstance(query, dict) and query:
            url += ("&" if "?" in url else "?") + urlencode({name: _plain(each) for name, each in query.items()})
        body = None if method == "GET" or job.input.get("body") is None else json_text(job.input["body"]).encode()
        given = job.input.get("headers")
        headers = headers_of(given if isinstance(given, dict) else {})
        sent = {"Accept": "application/json", **headers, **repeat_of(job)}
        return method, url, sent | ({"Content-Type": "application/json"} if body is not None else {}), body


def _plain(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
