"""Library cards: a connector of its own package. Of Parvis it imports `engine.connector` alone."""

import json
from datetime import datetime
from pathlib import Path

from engine.connector import (
    BusinessError,
    Checked,
    Connection,
    Failure,
    Job,
    JobOutcome,
    Preview,
    Tools,
)

TEMPLATE = Path(__file__).with_name("template.json")


def connector(tools: Tools) -> "LibraryCards":
    """What the entry point builds."""
    return LibraryCards(tools)


class LibraryCards:
    """Job type `library:card`."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Ask for a card. The library gives the same card to the same Idempotency-Key."""
        connection = await self.tools.connection(job)
        reply = await self.tools.request(
            connection, "POST", _cards(connection), headers=_headers(connection, str(job.id)), body=_body(job)
        )
        if reply.status == 409:
            raise BusinessError("CARD_EXISTS", "This person already has a card.")
        if reply.status >= 400:
            raise Failure("The library's service refused the card. Check the key in the connection.")
        return JobOutcome(variables={"card": reply.json()["number"]})

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Ask whether the service knows us."""
        reply = await self.tools.request(connection, "GET", _cards(connection), headers=_headers(connection, "test"))
        well = reply.status < 400
        return Checked(well=well, said="The library knows us." if well else "The library refuses our key.")

    async def preview(self, job: Job, now: datetime) -> Preview:
        """What would be asked."""
        return Preview(lines=(("Demande", _body(job).decode()),))


def _cards(connection: Connection) -> str:
    return connection.text("url").rstrip("/") + "/cards"


def _headers(connection: Connection, key: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Library-Key": connection.text("secret"), "Idempotency-Key": key}


def _body(job: Job) -> bytes:
    return json.dumps({"holder": job.input.get("holder"), "reader": job.input.get("reader", "adult")}).encode()
