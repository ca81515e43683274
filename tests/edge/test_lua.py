"""The Lua code by itself: those parts that need no nginx, and what luacheck says of all."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.services.processes import find

from .nginx import MODULE

pytestmark = pytest.mark.service("nginx-lua")

TESTS = Path(__file__).parent / "lua"
LONGEST_FILE = 210
SOURCES = sorted((MODULE / "lib").rglob("*.lua"))


@pytest.mark.parametrize("name", ["answers", "json", "names", "options", "urls"])
def test_pure_part(name: str) -> None:
    path = f"{MODULE}/lib/?.lua;{TESTS}/?.lua"
    run = subprocess.run(
        [find("lua5.1") or "lua5.1", TESTS / f"{name}.lua"],
        env={**os.environ, "LUA_PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_luacheck_has_nothing_to_say() -> None:
    command = [find("luacheck") or "luacheck", "--no-color", "-q", "lib", "examples", str(TESTS)]
    run = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_files_are_short() -> None:
    assert [p.name for p in SOURCES if len(p.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_pem_is_logged() -> None:
    """Nothing that holds a certificate or a key is an argument of a log line."""
    secret = re.compile(r"\blog\([^\n]*\b(pair|pem|pkey|state|body|token|password|found)\b\s*[,)]")
    for path in SOURCES:
        lines = [line for line in path.read_text().splitlines() if secret.search(line)]
        assert [line for line in lines if "no answer for" not in line] == [], path.name
