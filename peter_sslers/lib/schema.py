"""Which version the database's tables have, and how they get to ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, String, Table, inspect, select

from ..errors import SettingsError

MIGRATIONS = Path(__file__).parent.parent / "migrations"


# What Alembic writes. Its import takes a fifth of a start: only who migrates waits for it.
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String))


def upgrade(engine: Engine) -> None:
    """Bring the tables to our version, in one transaction where the database can."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # On SQLite the write lock is taken at once: see lib/database.
    with engine.connect().execution_options(peter_writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head() -> str:
    """The version that this program wants: the number of the last file of `migrations/versions`."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return max(file.name.partition("_")[0] for file in files)


def current(engine: Engine) -> str | None:
    """The version that the database has; None if it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        return connection.scalar(select(_VERSION.c.version_num))


def require_current(engine: Engine) -> None:
    """Raises SettingsError when the tables are not of our version."""
    found, wanted = current(engine), head()
    if found != wanted:
        raise SettingsError(
            f"the database has the version {found or '(none)'}, this program wants {wanted}: run "
            "`initialize_peter_sslers_db` with the same .ini"
        )
