"""Failures: which errors of the database pass by themselves (it is away, a race was lost), which would come again."""

import asyncpg

PASSING = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
LASTING = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


def is_passing(failure: BaseException | None) -> bool:
    """Whether trying again later may be enough."""
    return isinstance(failure, PASSING) and not isinstance(failure, LASTING)
