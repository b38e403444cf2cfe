"""Tells Piccolo where the API's tables and migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from api.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="api",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=["engine.store.piccolo_app"],
    commands=[],
)
