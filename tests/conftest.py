"""The fixtures that every test can use, and the mark of those that need a real server."""

from __future__ import annotations

import os

import pytest

from .services.processes import missing

# In this order: a module that another one imports stands before it.
pytest_plugins = [
    "tests.services.databases",
    "tests.services.dns",
    "tests.services.http01",
    "tests.services.mariadb",
    "tests.services.pebble",
    "tests.services.acme2certifier",
    "tests.services.caddy",
    "tests.services.certbot",
    "tests.services.faults",
    "tests.services.postgresql",
    "tests.services.served",
    "tests.services.recorder",
    "tests.services.nginx",
    "tests.services.redis",
    "tests.services.peter",
]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.service("pebble")`: skip where it is not installed, but never under CI."""
    for mark in item.iter_markers("service"):
        for service in mark.args:
            if reason := missing(service):
                (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
