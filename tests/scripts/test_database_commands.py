"""The console commands that look after the database."""

from __future__ import annotations

import sqlite3

import pytest

from peter_sslers.scripts import disable_providers, initialize_db

INI = """
[app:main]
use = egg:peter_sslers
sqlalchemy.url = sqlite:///%(here)s/{file}
certificate_authority = pebble
certificate_authority_protocol = acme-v2
certificate_authority_directory = https://0.0.0.0:14000/dir
"""


@pytest.fixture
def ini(tmp_path):
    path = tmp_path / "my.ini"
    path.write_text(INI.format(file="my.sqlite"))
    return path


def told(capsys) -> str:
    return capsys.readouterr().out


@pytest.mark.parametrize("command", [initialize_db, disable_providers])
def test_without_an_ini_it_tells_its_usage(command, capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["the_command"])
    assert end.value.code == 1
    assert told(capsys).startswith("usage: the_command INI")


def test_a_database_is_made_and_left_alone_the_second_time(ini, capsys):
    initialize_db.main(["initialize", str(ini)])
    assert told(capsys) == "The database is ready.\n"
    initialize_db.main(["initialize", str(ini)])
    assert told(capsys) == "The database is up to date.\n"
    assert (ini.parent / "my.sqlite").exists()


def test_values_of_the_command_line_are_used_in_the_ini(ini, capsys):
    ini.write_text(INI.format(file="%(name)s.sqlite"))
    initialize_db.main(["initialize", str(ini), "name=other"])
    assert (ini.parent / "other.sqlite").exists()


def test_a_wrong_ini_is_told(ini):
    ini.write_text(INI.format(file="my.sqlite").replace("acme-v2", "acme-v3"))
    with pytest.raises(SystemExit, match="acme-v3"):
        initialize_db.main(["initialize", str(ini)])


def test_providers_are_disabled(ini, capsys):
    initialize_db.main(["initialize", str(ini)])
    with sqlite3.connect(ini.parent / "my.sqlite") as db:
        db.execute("UPDATE acme_account_provider SET is_enabled = 1 WHERE id = 4")
    db.close()
    told(capsys)
    disable_providers.main(["disable", str(ini)])
    assert told(capsys) == "Disabled: letsencrypt-v2.\n"


def test_providers_of_a_database_without_tables_can_not_be_disabled(ini):
    with pytest.raises(SystemExit, match="initialize_peter_sslers_db"):
        disable_providers.main(["disable", str(ini)])
