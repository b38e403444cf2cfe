"""A worker in Python: prices requests. See README.md for what it reads from the environment."""

import asyncio
import os

from camunda_orchestration_sdk import CamundaAsyncClient
from camunda_orchestration_sdk.runtime.job_worker import JobError, WorkerConfig

LIMIT = int(os.environ.get("WORKER_JOBS", "0"))


async def main() -> None:
    done = asyncio.Event()
    count = 0

    async def price(job) -> dict[str, float]:
        nonlocal count
        size = job.variables.to_dict().get("size")
        if size is None:
            raise JobError("NO_PRICE", "the request has no size")
        count += 1
        if LIMIT and count >= LIMIT:
            # The answer leaves after this returns.
            asyncio.get_running_loop().call_later(2, done.set)
        return {"price": 4.0 * size}

    async with CamundaAsyncClient() as client:
        config = WorkerConfig(job_type="price", job_timeout_milliseconds=60_000, request_timeout_milliseconds=20_000)
        worker = client.create_job_worker(config, price)
        await done.wait()
        worker.stop()


asyncio.run(main())
