"""Benches: each connector beside the other side it talks to. See `test_contract_table`."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.database import Database
from tests.connectors.benches.bench import CASES, PERSON, SECRET, Bench
from tests.connectors.benches.calling import HttpBench
from tests.connectors.benches.inside import AgendaBench, DepartmentBench, DocumentBench
from tests.connectors.benches.mailing import MailBench, MailSide
from tests.connectors.benches.receiving import InboundBench, inbound_served
from tests.connectors.servers import HttpServer
from tests.desk.builders import a_case, a_room

__all__ = ["CASES", "PERSON", "SECRET", "Bench", "bench_of"]


@contextlib.asynccontextmanager
async def bench_of(
    type: str, now: Any, database: Database, folder: Path, patch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """The bench of one connector, its other side running."""
    from tests.connectors import test_contract, test_inbound

    case_id = await a_case(now, name=PERSON["name"])
    match type:
        case "parvis:mail" | "parvis:notify" | "parvis:survey":
            async with MailSide() as side:
                yield MailBench(now, type, side, folder, case_id)
        case "parvis:agenda":
            await a_room(now)
            yield AgendaBench(now, database, case_id)
        case "parvis:department":
            yield DepartmentBench(now, database, case_id)
        case "parvis:document":
            yield DocumentBench(now, folder, case_id, patch)
        case "parvis.inbound":
            await test_inbound.connect(now, key=None, secret=SECRET)
            async with inbound_served(now, test_contract.tools()) as address:
                yield InboundBench(now, address)
        case _:
            async with HttpServer() as server:
                await test_contract.connected(type, server, now, **({"cap": 100} if type == "parvis:sms" else {}))
                yield HttpBench(now, type, server)
