"""Both backends, and the files of test_data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from peter_sslers.lib.x509 import Backend
from peter_sslers.lib.x509.openssl import OpenSslBackend
from peter_sslers.lib.x509.python import PythonBackend

DATA = Path(__file__).parents[3] / "test_data"
BOTH: tuple[Backend, Backend] = (PythonBackend(), OpenSslBackend())


@pytest.fixture(params=BOTH, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture(scope="session")
def read() -> Callable[[str], str]:
    """The text of a file of test_data, with the line ends that it has."""
    return lambda path: (DATA / path).read_bytes().decode("utf-8", "replace")
