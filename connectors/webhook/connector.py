"""Webhook: one signed notice to another system (Standard Webhooks 1.0). The job's id is the message id: a repeat bears
the same, with a fresh time and signature, so that a replay by somebody else is refused and ours is recognised."""

from datetime import datetime
from typing import Any

from connectors import signatures
from connectors.calling import address_of, judge, repeat_of
from connectors.errors import ConnectionIncomplete
from connectors.inputs import text_of
from connectors.trying import judged
from desk import errands
from engine.connector import Checked, Connection, Failure, Job, JobOutcome, Preview, Tools
from engine.encoding import json_text

TOLD = "Another system was told: {event}"


class WebhookConnector:
    """Job type `parvis:webhook`."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Tell. Business error `HTTP_410` and the like when the other side refuses the notice for good."""
        event = text_of(job, "event")
        if not await errands.is_done(str(job.id)):
            connection = await self.tools.connection(job)
            body = _body(job, event, now)
            headers = {**self._headers(connection, str(job.id), body, now), **repeat_of(job)}
            reply = await self.tools.request(connection, "POST", address_of(connection), headers=headers, body=body)
            judge(reply, job)
            await errands.mark_done(str(job.id), now)
        return JobOutcome(variables={"told": True}, facts=((TOLD, {"event": event}),))

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Send a signed notice of the event `parvis.test`, which receivers answer and forget."""
        body = json_text({"type": "parvis.test", "timestamp": now, "data": {}}).encode()
        try:
            headers = self._headers(connection, f"test-{int(now.timestamp())}", body, now)
            reply = await self.tools.request(connection, "POST", address_of(connection), headers=headers, body=body)
        except Failure as error:
            return Checked(well=False, said=str(error))
        return judged(reply.status)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The notice that would leave."""
        connection = await self.tools.connection(job)
        body = _body(job, text_of(job, "event"), now).decode()
        return Preview(lines=(("Appel", f"POST {address_of(connection)}"), ("Contenu", body)))

    def _headers(self, connection: Connection, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
        if not connection.text("secret"):
            raise ConnectionIncomplete()
        signed = signatures.headers_of(connection.text("secret"), message_id, body, now)
        return {"Content-Type": "application/json", **signed}


def _body(job: Job, event: str, now: datetime) -> bytes:
    data: Any = job.input.get("data")
    case = {"reference": job.case.get("reference"), "procedure": job.procedure}
    return json_text({"type": event, "timestamp": now, "case": case, "data": data or {}}).encode()
