"""The command that imports a folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from peter_sslers.scripts import import_folder, initialize_db
from tests.services.estate import Ca, certbot

from .test_database_commands import INI

AUTHORITY = Ca("Command")


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    path = tmp_path / "my.ini"
    path.write_text(INI.format(file="my.sqlite"))
    return path


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    return certbot(tmp_path / "letsencrypt", AUTHORITY, 3, versions=2)


def run(capsys: Any, *argv: object) -> tuple[object, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        import_folder.main(["peter_sslers_import", *map(str, argv)])
    out, err = capsys.readouterr()
    return end.value.code, out, err


def test_without_a_folder_it_tells_its_usage(capsys: Any) -> None:
    status, out, _ = run(capsys, "my.ini")
    assert status == 1
    assert out.startswith("usage: peter_sslers_import INI FOLDER")


def test_a_folder_is_imported_and_the_second_time_nothing(
    ini: Path, estate: Path, capsys: Any
) -> None:
    initialize_db.main(["initialize", str(ini)])
    status, out, _ = run(capsys, ini, estate)
    assert (status, out) == (0, f"{estate}: Certbot.\n6 imported, 0 already there, 0 refused.\n")
    status, out, _ = run(capsys, ini, estate)
    assert (status, out.splitlines()[1]) == (0, "0 imported, 6 already there, 0 refused.")


def test_what_fails_is_told_with_its_reason_and_in_the_exit_status(
    ini: Path, estate: Path, capsys: Any
) -> None:
    initialize_db.main(["initialize", str(ini)])
    (estate / "archive" / "site000001.example.com" / "cert2.pem").write_text("broken")
    status, out, err = run(capsys, ini, estate)
    assert (status, out.splitlines()[1]) == (1, "5 imported, 0 already there, 1 refused.")
    assert "refused: archive/site000001.example.com/cert2.pem: certificate_file:" in err


def test_nothing_to_import_is_no_success(ini: Path, tmp_path: Path, capsys: Any) -> None:
    initialize_db.main(["initialize", str(ini)])
    (tmp_path / "empty").mkdir()
    status, out, _ = run(capsys, ini, tmp_path / "empty")
    assert status == "There is no certificate in it."
    assert out.endswith("0 imported, 0 already there, 0 refused.\n")


def test_a_database_that_can_not_be_used_is_told(
    ini: Path, estate: Path, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "my.sqlite").mkdir()
    said, _, _ = run(capsys, ini, estate)
    assert str(said).startswith("The database can not be used: unable to open database file.")


def test_an_interrupt_ends_it_with_a_summary(ini: Path, tmp_path: Path) -> None:
    initialize_db.main(["initialize", str(ini)])
    estate = certbot(tmp_path / "letsencrypt", AUTHORITY, 1)
    lineage = estate / "archive" / "site000000.example.com"
    for version in range(2, 3_000):  # nobody reads what it says of them: it can not end meanwhile
        (lineage / f"cert{version}.pem").symlink_to("cert1.pem")
    command = Path(sys.executable).with_name("peter_sslers_import")
    with subprocess.Popen(
        [command, ini, estate], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == f"{estate}: Certbot.\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("Stopped: the next run goes on. ")


def test_what_is_no_folder_and_a_database_without_tables_are_told(
    ini: Path, estate: Path, capsys: Any
) -> None:
    assert "initialize_peter_sslers_db" in str(run(capsys, ini, estate)[0])
    initialize_db.main(["initialize", str(ini)])
    assert "is no folder" in str(run(capsys, ini, estate / "nothing")[0])
