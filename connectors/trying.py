"""Trying: tests of a connection that several connectors share. A test never does anything for a case."""

from collections.abc import Mapping

from connectors.errors import ConnectorError
from engine.connector import Checked, Connection, Tools

ANSWERS = "The server answers."
REFUSES = "The server answers, but refuses our credentials. Check the account and the secret."
ANSWERS_MAIL = "The mail server takes our account and our sender."
ABSENT = "The server answers, but knows no such address. Check the path."
FAILS = "The server answers that it failed. Ask whoever runs it."


async def knock(
    tools: Tools, connection: Connection, url: str, headers: Mapping[str, str], method: str = "GET"
) -> Checked:
    """Call once and say in plain words what came."""
    try:
        reply = await tools.request(connection, method, url, headers=headers)
    except ConnectorError as error:
        return Checked(well=False, said=str(error))
    return judged(reply.status)


def judged(status: int) -> Checked:
    """What a status says of the connection: a refused content still shows that the server and account are right."""
    if status in (401, 403, 407):
        return Checked(well=False, said=REFUSES)
    if status in (404, 410):
        return Checked(well=False, said=ABSENT)
    if status >= 500:
        return Checked(well=False, said=FAILS)
    return Checked(well=True, said=ANSWERS)
