"""The fixtures that every test can use, and the mark of those that need a real server."""

from __future__ import annotations

import os

import pytest

from .services.processes import MEMORY, missing

if MEMORY:
    # For `tmp_path`: SQLite waits for the disk at every commit, and the tests make thousands.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a server come first: the longest are among them, and with workers for whole
    files the one that begins last should be short.
    """
    long = {item.path for item in items if item.get_closest_marker("service")}
    items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.service("pebble")`: skip where it is not installed, but never under CI."""
    for mark in item.iter_markers("service"):
        for service in mark.args:
            if reason := missing(service):
                (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
