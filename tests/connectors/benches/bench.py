"""Bench: what all benches share. A bench is a connector beside the other side it talks to, which behaves as a case of
the contract says; `said` collects what an administrator would read of refusals and failures."""

from collections.abc import Awaitable
from typing import Any

import pytest

from connectors.redaction import redacted, watched
from engine.connector import Job

SECRET = "s3cret-of-the-registry"
PERSON = {"name": "Élodie Martin", "email": "elodie@example.org", "phone": "+33612345678"}
CASES = ("success", "refusal", "timeout", "cut", "slow", "garbage", "replay")
PATIENCE = 0.6
"""Seconds a bench waits for an other side that keeps silent."""


class Bench:
    """What all benches share: `said` collects the sentences of every case."""

    def __init__(self, now: Any) -> None:
        self.now, self.said = now, list[str]()

    async def told(self, work: Awaitable[Any], job: Job, *errors: type[BaseException]) -> BaseException:
        """The error of this work, which must be one of these; what an administrator would read of it is kept."""
        with watched() as secrets, pytest.raises(errors) as caught:
            await work
        self.said.append(redacted(str(caught.value), job, secrets))
        return caught.value
