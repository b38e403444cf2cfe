"""Tells Piccolo where this floor's tables and migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from accounts.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="accounts",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=[],
    commands=[],
)
