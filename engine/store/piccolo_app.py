"""The engine's Piccolo app: its tables and where its migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from engine.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="engine",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=[],
)
