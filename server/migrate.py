"""Migrate: brings a database to the shape this version expects.

Applies the Piccolo migrations of accounts, engine, desk, connectors and admin, in that order, in one transaction under
an advisory lock, so that several processes may start at once and a failed migration leaves nothing. Called by `parvis
migrate`, `serve`, the tests.
"""

import contextlib
import importlib
import io
import pkgutil
from types import ModuleType

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration

import piccolo_conf
from server.database import Database, bind, stores
from server.errors import MigrationRefused

LOCK = 0x70617276  # "parv": one number for every Parvis process of this database
# Building an index on a large town's table outlives the ordinary limit of a statement.
PATIENCE = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"


async def migrate(database: Database) -> list[str]:
    """Apply what is missing; return the names applied, as `floor/ID`. Tables are bound to `database` from here on."""
    bind(database)
    piccolo_conf.DB = database
    Migration._meta._db = database
    applied: list[str] = []
    async with database.transaction() as transaction:
        await transaction.connection.execute(f"SELECT pg_advisory_xact_lock({LOCK}); {PATIENCE}")
        await Migration.create_table(if_not_exists=True).run()
        for store in stores():
            applied += await _migrate_floor(store)
    return applied


async def pending(database: Database) -> list[str]:
    """Return the names of the migrations that `migrate` would apply."""
    Migration._meta._db = database
    exists = await Migration.table_exists().run()
    missing: list[str] = []
    for store in stores():
        floor = _floor(store)
        done = set(await Migration.get_migrations_which_ran(app_name=floor)) if exists else set()
        missing += [f"{floor}/{module.ID}" for module in _migrations(store) if module.ID not in done]
    return missing


async def _migrate_floor(store: ModuleType) -> list[str]:
    floor = _floor(store)
    done = set(await Migration.get_migrations_which_ran(app_name=floor))
    applied: list[str] = []
    for module in _migrations(store):
        if module.ID in done:
            continue
        # Piccolo prints its own progress; ours is on the command line.
        with contextlib.redirect_stdout(io.StringIO()):
            manager = await module.forwards()
            if isinstance(manager, MigrationManager):
                await manager.run()
        await Migration.insert().add(Migration(name=module.ID, app_name=floor)).run()
        applied.append(f"{floor}/{module.ID}")
    return applied


def _floor(store: ModuleType) -> str:
    return store.__name__.partition(".")[0]


def _migrations(store: ModuleType) -> list[ModuleType]:
    name = f"{store.__name__}.piccolo_migrations"
    try:
        package = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MigrationRefused(f"Expected a package {name}, but there is none. Add it with an __init__.py.") from error
    modules = [importlib.import_module(f"{name}.{found.name}") for found in pkgutil.iter_modules(package.__path__)]
    return sorted((module for module in modules if hasattr(module, "ID")), key=lambda module: module.ID)
