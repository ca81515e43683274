"""What the tables are: the same in the models and in the migrations, and quick to search."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, create_engine

from peter_sslers.errors import SettingsError
from peter_sslers.lib import schema
from peter_sslers.model import Base

TABLES = list(Base.metadata.tables.values())
OURS = {"acme_account_request_count", "acme_rate_limit"}


def leading_columns(table: Table) -> set[str]:
    keys = (PrimaryKeyConstraint, UniqueConstraint)
    held = [c for c in table.constraints if isinstance(c, keys)]
    return {next(iter(key.columns)).name for key in (*table.indexes, *held)}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_foreign_key_has_an_index(table):
    led = leading_columns(table)
    assert [c.name for c in table.columns if c.foreign_keys and c.name not in led] == []


def test_migrations_make_what_the_models_say(empty_url):
    engine = create_engine(empty_url)
    schema.upgrade(engine)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(found, Base.metadata) == []
    engine.dispose()


def test_a_database_tells_its_version(empty_url):
    engine = create_engine(empty_url)
    assert schema.current(engine) is None
    with pytest.raises(SettingsError, match="initialize_peter_sslers_db"):
        schema.require_current(engine)
    schema.upgrade(engine)
    schema.upgrade(engine)
    assert schema.current(engine) == schema.head()
    engine.dispose()


def test_there_are_the_contract_s_39_tables_besides_our_own():
    assert len(TABLES) == 39 + len(OURS)
