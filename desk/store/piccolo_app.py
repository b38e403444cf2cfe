"""Tells Piccolo where the desk's tables and migrations are. `server.migrate` runs them after those of accounts and
engine."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from desk.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="desk",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=["engine.store.piccolo_app"],
    commands=[],
)
