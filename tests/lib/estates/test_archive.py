"""Zips from people who mean harm are refused with the reason, before they are unpacked."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import Any

import pytest

from peter_sslers.lib.estates import Archive, BadTree, Limits, Refused

LIMITS = Limits(members=100, member=1_000, unpacked=5_000)


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return file


def odd(archive: Archive) -> dict[str, str]:
    return dict(archive.odd)


def test_folders_and_files_are_listed_and_read() -> None:
    archive = Archive(packed({"a/b/c.pem": b"c", "d.pem": b"d", "a/": b""}), LIMITS)
    assert (archive.list("").folders, archive.list("").files) == (("a",), ("d.pem",))
    assert archive.list("a").folders == ("b",)
    assert archive.list("a/b").files == ("c.pem",)
    assert archive.read("a/b/c.pem") == b"c"
    assert archive.list("nowhere").files == ()


@pytest.mark.parametrize(
    "name", ["../a.pem", "a/../../b.pem", "/etc/a.pem", "a\\..\\b.pem", "C:/a.pem", "a//b.pem", "."]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    archive = Archive(packed({name: b"x", "good.pem": b"x"}), LIMITS)
    assert odd(archive) == {name: "Its name leads out of the archive."}
    assert archive.list("").files == ("good.pem",)
    with pytest.raises(Refused):
        archive.read(name)


def linked(links: dict[str, str], members: dict[str, bytes]) -> io.BytesIO:
    """As `zip --symlinks` writes it."""
    file = packed(members)
    with zipfile.ZipFile(file, "a") as archive:
        for name, target in links.items():
            link = zipfile.ZipInfo(name)
            link.create_system = 3
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
    return file


def test_a_symbolic_link_inside_is_followed() -> None:
    links = {"live/a/cert.pem": "../../archive/a/cert1.pem", "twice.pem": "live/a/cert.pem"}
    archive = Archive(linked(links, {"archive/a/cert1.pem": b"c"}), LIMITS)
    assert odd(archive) == {}
    assert archive.read("live/a/cert.pem") == archive.read("twice.pem") == b"c"
    assert archive.target("twice.pem") == "archive/a/cert1.pem"
    assert archive.link("twice.pem") == "live/a/cert.pem"
    assert archive.link("archive/a/cert1.pem") == ""


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../x.pem", "nothing.pem", "link.pem", "a", "", "\0", "../../a/b.pem"]
)
def test_a_symbolic_link_that_leads_out_or_nowhere_is_refused(target: str) -> None:
    archive = Archive(linked({"link.pem": target}, {"a/b.pem": b"c"}), LIMITS)
    assert archive.target("link.pem") is None
    with pytest.raises(Refused, match="leads out of the archive"):
        archive.read("link.pem")


def test_what_is_encrypted_is_refused() -> None:
    file = packed({"a.pem": b"x"})
    raw = bytearray(file.getvalue())
    raw[raw.find(b"PK\1\2") + 8] |= 1
    assert odd(Archive(io.BytesIO(raw), LIMITS)) == {"a.pem": "It is encrypted."}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_compress_are_refused(method: int) -> None:
    archive = Archive(packed({"a.pem": b"x"}, method), LIMITS)
    assert "use Deflate" in odd(archive)["a.pem"]


def test_a_bomb_is_refused_by_what_it_says_and_cut_where_it_lies() -> None:
    with pytest.raises(BadTree, match="Unpacked it is larger"):
        Archive(packed({"a.pem": bytes(10 * 1024**2)}), LIMITS)
    archive = Archive(packed({"a.pem": bytes(2_000)}), LIMITS)
    assert "larger than" in odd(archive)["a.pem"]
    lying = bytearray(packed({"a.pem": bytes(10 * 1024**2)}).getvalue())
    struct.pack_into("<L", lying, lying.find(b"PK\1\2") + 24, 500)
    with pytest.raises(Refused, match="damaged"):
        Archive(io.BytesIO(lying), LIMITS).read("a.pem")


def test_more_members_than_allowed_are_not_even_listed() -> None:
    members = {f"{number}.pem": b"" for number in range(101)}
    with pytest.raises(BadTree, match="more than 100 members"):
        Archive(packed(members), LIMITS)


def test_more_folders_than_members_are_allowed_are_refused() -> None:
    """Fifty thousand short names would be millions of folders."""
    with pytest.raises(BadTree, match="more than 100 folders"):
        Archive(packed({f"{number}/{'a/' * 30}x.pem": b"" for number in range(4)}), LIMITS)


def test_a_directory_that_says_less_than_it_has_is_refused() -> None:
    raw = bytearray(packed({f"{number}{'x' * 200}": b"" for number in range(90)}).getvalue())
    struct.pack_into("<HH", raw, len(raw) - 14, 1, 1)
    with pytest.raises(BadTree, match="directory"):
        Archive(io.BytesIO(raw), LIMITS)


def test_the_64_bit_kind_is_refused() -> None:
    raw = packed({"a": b""}).getvalue()
    end = raw.rfind(b"PK\5\6")
    locator = b"PK\6\7" + bytes(16)
    with pytest.raises(BadTree, match="64-bit"):
        Archive(io.BytesIO(raw[:end] + locator + raw[end:]), LIMITS)


def test_the_same_name_twice_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.pem", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.pem", "2")
    archive_ = Archive(file, LIMITS)
    assert odd(archive_) == {"a.pem": "There are two members of this name."}
    assert archive_.read("a.pem") == b"1"


def damaged(position: int) -> bytes:
    raw = bytearray(packed({"a.pem": b"content" * 50}).getvalue())
    raw[position % len(raw)] ^= 0xFF
    return bytes(raw)


@pytest.mark.parametrize("raw", [b"", b"PK", b"PK\5\6", bytes(1000), damaged(-1)[:-5]])
def test_what_is_no_zip_is_told(raw: bytes) -> None:
    with pytest.raises(BadTree, match="no zip archive"):
        Archive(io.BytesIO(raw), LIMITS)


def test_a_link_that_is_too_long_is_refused() -> None:
    limits = Limits(members=100, member=100_000, unpacked=100_000)
    archive = Archive(linked({"link.pem": "a/" * 2_049}, {}), limits)
    assert odd(archive) == {"link.pem": "It is a symbolic link that is too long."}


@pytest.mark.parametrize("position", range(0, 240, 2))
def test_a_damaged_zip_never_breaks_us(position: int) -> None:
    try:
        archive: Any = Archive(io.BytesIO(damaged(position)), LIMITS)
        for name in archive.list("").files:
            archive.read(name)
    except (BadTree, Refused):
        pass
