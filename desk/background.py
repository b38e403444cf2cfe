"""Background: the desk's job kinds for the queue, run by `server/worker.py`. Never reads the clock itself: `clock`
is given."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from pgqueuer.errors import RetryRequested

from desk import attachments, bookings, drafts, duplicates, errands, mailings, notifications, waiting
from desk.errors import NotificationNotFound
from desk.files import FileStore
from desk.notifications import Deliver

JobFunction = Callable[[bytes | None], Awaitable[None]]
PeriodicFunction = Callable[[], Awaitable[int]]
Clock = Callable[[], datetime]


def job_kinds(send: Deliver, clock: Clock) -> dict[str, JobFunction]:
    """Entry point name → function(payload), to register with the queue. One that wants another attempt raises
    `RetryRequested`."""

    async def notify(payload: bytes | None) -> None:
        if payload is None:
            return
        notification_id = UUID(payload.decode())
        try:
            await notifications.deliver(notification_id, send, clock())
        except NotificationNotFound:
            return
        except Exception as failure:
            # The row counts the attempts, and gives up in the end; then `deliver` returns and the job ends.
            raise RetryRequested(
                await notifications.wait_of(notification_id, clock()), type(failure).__name__
            ) from failure

    return {notifications.ENTRY_POINT: notify}


def periodic(send: Deliver, files: FileStore, clock: Clock) -> dict[str, tuple[str, PeriodicFunction]]:
    """Name → (cron expression, function): purges, followers of closed reports, the sweeps of waiting
    notifications, of the lines for slots and of surveys to send."""

    async def sweep() -> int:
        return await notifications.deliver_waiting(send, clock())

    async def tell() -> int:
        return await duplicates.tell_followers(clock())

    async def send_surveys() -> int:
        return await mailings.sweep(clock())

    async def purge_drafts() -> int:
        return await drafts.purge_expired(clock())

    async def purge_files() -> int:
        return await attachments.purge_orphans(files, clock())

    async def purge_holds() -> int:
        return await bookings.purge_lapsed(clock())

    async def serve_waiting() -> int:
        return await waiting.sweep(clock())

    async def purge_errands() -> int:
        return await errands.purge_old(clock())

    return {
        "sweep_notifications": ("*/5 * * * *", sweep),
        "tell_followers": ("*/10 * * * *", tell),
        "serve_waiting": ("* * * * *", serve_waiting),
        "send_surveys": ("*/5 * * * *", send_surveys),
        "purge_drafts": ("12 3 * * *", purge_drafts),
        "purge_files": ("42 3 * * *", purge_files),
        "purge_holds": ("52 3 * * *", purge_holds),
        "purge_errands": ("2 4 * * 0", purge_errands),
    }
