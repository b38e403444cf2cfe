"""For the `piccolo` command only: which database and which apps. The application binds its tables in `server.app`."""

from piccolo.conf.apps import AppRegistry

from server.database import Database, stores
from server.settings import Settings

DB = Database(Settings.from_environment().database_url or "postgresql://localhost/parvis")

APP_REGISTRY = AppRegistry(apps=[f"{store.__name__}.piccolo_app" for store in stores()])
