"""Which version the database's tables have, and how they get to ours."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from ..errors import SettingsError

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Bring the tables to our version, in one transaction where the database can."""
    # On SQLite the write lock is taken at once: see lib/database.
    with engine.connect().execution_options(peter_writes=True) as connection, connection.begin():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head() -> str:
    """The version that this program wants."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise LookupError("there are no migrations")
    return found


def current(engine: Engine) -> str | None:
    """The version that the database has; None if it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Raises SettingsError when the tables are not of our version."""
    found, wanted = current(engine), head()
    if found != wanted:
        raise SettingsError(
            f"the database has the version {found or '(none)'}, this program wants {wanted}: run "
            "`initialize_peter_sslers_db` with the same .ini"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
