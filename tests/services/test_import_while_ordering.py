"""A folder is imported while a client keeps ordering: neither disturbs the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .estate import Ca, certbot
from .pebble import Pebble
from .peter import StartPeter, unused_name

pytestmark = [pytest.mark.service("pebble"), pytest.mark.service("postgresql")]
COUNT = 1_000


def test_an_import_and_orders_go_on_side_by_side(
    start_peter: StartPeter, pebble: Pebble, any_database: str, tmp_path: Path
) -> None:
    folder = certbot(tmp_path / "letsencrypt", Ca("Busy"), COUNT)
    peter = start_peter(pebble, any_database)
    peter.account()
    command = Path(sys.executable).with_name("peter_sslers_import")
    importing = subprocess.Popen(
        [command, peter.ini, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    ordered = 0
    while importing.poll() is None or not ordered:
        assert peter.order([unused_name(), unused_name()])["acme_status_order"] == "valid"
        ordered += 1
    out, _ = importing.communicate()
    assert importing.returncode == 0, out
    assert f"{COUNT:,} imported, 0 already there, 0 refused." in out
    total = peter.get("/certificate-signeds/all")["pagination"]["total_items"]
    assert total == COUNT + ordered
    peter.stop()
