"""A folder is read to its borders and not beyond."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from peter_sslers.lib.estates import BadTree, Folder, Refused


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    top = tmp_path / "top"
    (top / "inside").mkdir(parents=True)
    (top / "file").write_text("content")
    return top


def test_a_link_inside_is_followed(top: Path) -> None:
    (top / "inside" / "link").symlink_to("../file")
    folder = Folder(top)
    assert folder.read("inside/link") == b"content"
    assert folder.target("inside/link") == "file"


@pytest.mark.parametrize("target", ["../secret", "/etc/hostname", "inside/../../secret"])
def test_a_link_that_leads_out_is_refused(top: Path, target: str) -> None:
    (top / "link").symlink_to(target)
    with pytest.raises(Refused, match="leads out of the folder"):
        Folder(top).read("link")
    assert Folder(top).target("link") is None


def test_a_link_to_a_folder_outside_is_told_and_one_inside_is_not_walked(top: Path) -> None:
    (top / "out").symlink_to("../elsewhere")
    (top / "loop").symlink_to(".")
    listed = Folder(top).list("")
    assert listed.folders == ("inside",)
    assert [path for path, _ in listed.odd] == ["out"]


def test_a_link_to_nowhere_and_one_to_itself_can_not_be_read(top: Path) -> None:
    (top / "dangling").symlink_to("nothing")
    (top / "itself").symlink_to("itself")
    for name in ("dangling", "itself"):
        with pytest.raises(Refused, match="can not be read"):
            Folder(top).read(name)


def test_a_pipe_does_not_keep_us_waiting(top: Path) -> None:
    os.mkfifo(top / "pipe")
    with pytest.raises(Refused, match="no regular file"):
        Folder(top).read("pipe")


def test_what_is_large_is_not_read(top: Path) -> None:
    with (top / "large").open("wb") as file:
        file.truncate(50 * 1024**2)
    with pytest.raises(Refused, match="larger than 256 KiB"):
        Folder(top).read("large")


def test_a_name_that_is_not_utf_8_is_told(top: Path) -> None:
    (Path(os.fsdecode(os.fsencode(top) + b"/\xff.pem"))).write_text("x")
    ((name, reason),) = Folder(top).list("").odd
    assert (name, reason) == ("\ufffd.pem", "Its name is not UTF-8.")


def test_a_file_is_no_folder(top: Path) -> None:
    with pytest.raises(BadTree, match="is no folder"):
        Folder(top / "file")
