from __future__ import annotations

from collections.abc import Iterator

import pytest

from .peter import Peter, observed
from .shapes import Observed


@pytest.fixture(scope="module")
def peter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peter]:
    peter = Peter(tmp_path_factory.mktemp("peter"))
    yield peter
    peter.close()


@pytest.fixture(scope="session")
def known() -> Observed:
    """Every shape that was observed anywhere."""
    return Observed(*(seen.get("json") for seen in [*observed("get").values(), *observed("post")]))
