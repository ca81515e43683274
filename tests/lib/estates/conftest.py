from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from peter_sslers.lib.context import Context
from tests.services.databases import context, opened


@pytest.fixture
def ctx(initialized_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    file = tmp_path_factory.mktemp("database") / "test.sqlite"
    shutil.copy(initialized_sqlite, file)
    found = context(opened(f"sqlite:///{file}"))
    yield found
    found.db.close()
    found.database.close_connections()
