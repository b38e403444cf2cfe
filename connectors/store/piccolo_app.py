"""Tells Piccolo where the connectors' tables and migrations are. `server.migrate` runs them after the desk's."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from connectors.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="connectors",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=["engine.store.piccolo_app"],
    commands=[],
)
