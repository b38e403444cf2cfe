"""Tells Piccolo where the workshop's table and migrations are. `server.migrate` runs them last."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from admin.store.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="admin",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=TABLES,
    migration_dependencies=["engine.store.piccolo_app"],
    commands=[],
)
