"""Where programs put their certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from peter_sslers.lib.actions.import_trees import found_in
from peter_sslers.lib.context import Context
from peter_sslers.lib.estates import Folder, Layout, Triplet, Unreadable
from tests.services.estate import Ca, Signed, certbot

AUTHORITY = Ca("Layouts")
NAME = "a.example.com"


def write(folder: Path, **files: bytes) -> None:
    """`cert__pem` is `cert.pem`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)


def acme_sh(top: Path, leaf: Signed) -> None:
    write(top / "ca" / "acme.example" / "directory", account__key=leaf.key_pem)
    folder = top / f"{NAME}_ecc"
    write(folder, ca__cer=AUTHORITY.chain, fullchain__cer=leaf.pem + AUTHORITY.chain)
    (folder / f"{NAME}.cer").write_bytes(leaf.pem)
    (folder / f"{NAME}.key").write_bytes(leaf.key_pem)
    (folder / f"{NAME}.conf").write_text("Le_Domain='a.example.com'")


def lego(top: Path, leaf: Signed) -> None:
    folder = top / "certificates"
    write(folder)
    write(top / "accounts")
    (folder / f"{NAME}.crt").write_bytes(leaf.pem + AUTHORITY.chain)
    (folder / f"{NAME}.issuer.crt").write_bytes(AUTHORITY.chain)
    (folder / f"{NAME}.key").write_bytes(leaf.key_pem)
    (folder / f"{NAME}.json").write_text("{}")


def caddy(top: Path, leaf: Signed) -> None:
    folder = top / "certificates" / "acme.example-directory" / NAME
    write(folder)
    (folder / f"{NAME}.crt").write_bytes(leaf.pem + AUTHORITY.chain)
    (folder / f"{NAME}.key").write_bytes(leaf.key_pem)
    (folder / f"{NAME}.json").write_text("{}")


def loose(top: Path, leaf: Signed) -> None:
    write(top / "deep", one__crt=leaf.pem, other__key=leaf.key_pem, chain__pem=AUTHORITY.chain)
    write(top, notes__txt=b"not looked at", ___hidden__pem=b"nor this")


def combined(top: Path, leaf: Signed) -> None:
    """As HAProxy wants them."""
    write(top, site__pem=leaf.key_pem + leaf.pem + AUTHORITY.chain)


@pytest.mark.parametrize(
    ("make", "layout"),
    [
        (acme_sh, Layout.ACME_SH),
        (lego, Layout.LEGO),
        (caddy, Layout.CADDY),
        (loose, Layout.FLAT),
        (combined, Layout.FLAT),
    ],
)
def test_a_certificate_is_found_with_its_key(
    ctx: Context, tmp_path: Path, make: object, layout: Layout
) -> None:
    leaf = AUTHORITY.leaf(NAME)
    make(tmp_path, leaf)  # type: ignore[operator]
    known, found = found_in(ctx, Folder(tmp_path))
    (item,) = found
    assert known is layout
    assert isinstance(item, Triplet)
    assert leaf.pem in item.certificate
    assert leaf.key_pem in item.key
    assert AUTHORITY.chain in item.chain + item.certificate


def names(ctx: Context, top: Path) -> list[str]:
    return [item.name for item in found_in(ctx, Folder(top))[1]]


def test_of_certbot_every_version_is_found_once(ctx: Context, tmp_path: Path) -> None:
    certbot(tmp_path, AUTHORITY, 2, versions=11)
    site = "archive/site000000.example.com"
    found = names(ctx, tmp_path)
    assert len(found) == 22
    assert found[:3] == [f"{site}/cert{n}.pem" for n in (1, 2, 3)]
    assert found[10] == f"{site}/cert11.pem"


def test_what_is_in_live_alone_is_found_too(ctx: Context, tmp_path: Path) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(
        tmp_path / "live" / NAME,
        cert__pem=leaf.pem,
        privkey__pem=leaf.key_pem,
        chain__pem=AUTHORITY.chain,
    )
    assert names(ctx, tmp_path) == [f"live/{NAME}/cert.pem"]


def test_of_a_version_that_is_not_whole_something_is_said(ctx: Context, tmp_path: Path) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(tmp_path / "archive" / NAME, privkey1__pem=leaf.key_pem, chain1__pem=AUTHORITY.chain)
    (item,) = found_in(ctx, Folder(tmp_path))[1]
    assert isinstance(item, Unreadable)
    assert item.name == f"archive/{NAME}/cert1.pem"


@pytest.mark.parametrize(("folder", "number"), [("live", ""), ("archive", "3")])
def test_of_certbot_the_full_chain_and_the_key_are_enough(
    ctx: Context, tmp_path: Path, folder: str, number: str
) -> None:
    leaf = AUTHORITY.leaf(NAME)
    inside = tmp_path / folder / NAME
    inside.mkdir(parents=True)
    (inside / f"fullchain{number}.pem").write_bytes(leaf.pem + AUTHORITY.chain)
    (inside / f"privkey{number}.pem").write_bytes(leaf.key_pem)
    layout, found = found_in(ctx, Folder(tmp_path))
    (item,) = found
    assert layout is Layout.CERTBOT
    assert isinstance(item, Triplet)
    assert item.certificate == leaf.pem + AUTHORITY.chain


def test_a_reused_key_is_found_in_a_copy_of_the_tree(ctx: Context, tmp_path: Path) -> None:
    certbot(tmp_path, AUTHORITY, 1, versions=3)
    folder = tmp_path / "archive" / "site000000.example.com"
    for version in (2, 3):
        (folder / f"privkey{version}.pem").unlink()
        older = f"/etc/letsencrypt/archive/{folder.name}/privkey{version - 1}.pem"
        (folder / f"privkey{version}.pem").symlink_to(older)
    found = [item for item in found_in(ctx, Folder(tmp_path))[1] if isinstance(item, Triplet)]
    assert [item.key for item in found] == [(folder / "privkey1.pem").read_bytes()] * 3


def test_folders_of_other_programs_are_told_by_what_only_they_write(
    ctx: Context, tmp_path: Path
) -> None:
    one, two, three = (AUTHORITY.leaf(f"{n}.example.com") for n in "abc")
    write(tmp_path / "archive", old__crt=one.pem, old__key=one.key_pem)
    write(tmp_path / "live" / "empty")
    write(tmp_path / "certificates", a__crt=two.pem, b__pem=two.key_pem)
    write(tmp_path / "certificates" / "site", tls__crt=three.pem, tls__key=three.key_pem)
    layout, found = found_in(ctx, Folder(tmp_path))
    assert layout is Layout.FLAT
    assert [item.name for item in found if isinstance(item, Triplet)] == [
        "archive/old.crt",
        "certificates/a.crt",
        "certificates/site/tls.crt",
    ]


@pytest.mark.parametrize("make", [acme_sh, lego, caddy])
def test_a_tree_that_lies_deeper_is_known_as_well(ctx: Context, tmp_path: Path, make: Any) -> None:
    """As in a zip of the folder itself; the account's key is no certificate's."""
    make(tmp_path / "backup" / "server", AUTHORITY.leaf(NAME))
    (item,) = found_in(ctx, Folder(tmp_path))[1]
    assert isinstance(item, Triplet)


def test_certbots_folder_in_a_folder_is_not_taken_for_loose_files(
    ctx: Context, tmp_path: Path
) -> None:
    certbot(tmp_path / "etc" / "letsencrypt", AUTHORITY, 1)
    write(tmp_path / "etc" / "letsencrypt" / "keys", a__pem=AUTHORITY.leaf(NAME).key_pem)
    assert names(ctx, tmp_path) == ["etc/letsencrypt/archive/site000000.example.com/cert1.pem"]


def test_of_acme_sh_a_certificate_without_key_is_told(ctx: Context, tmp_path: Path) -> None:
    """It signed somebody's CSR."""
    acme_sh(tmp_path, AUTHORITY.leaf(NAME))
    (tmp_path / f"{NAME}_ecc" / f"{NAME}.key").unlink()
    (item,) = found_in(ctx, Folder(tmp_path))[1]
    assert item == Unreadable(f"{NAME}_ecc/{NAME}.cer", "There is no private key beside it.")


def test_of_acme_sh_the_full_chain_serves_where_there_is_no_other(
    ctx: Context, tmp_path: Path
) -> None:
    acme_sh(tmp_path, AUTHORITY.leaf(NAME))
    (tmp_path / f"{NAME}_ecc" / "ca.cer").unlink()
    (item,) = found_in(ctx, Folder(tmp_path))[1]
    assert isinstance(item, Triplet)
    assert AUTHORITY.chain in item.chain


def test_links_out_of_the_tree_are_told(ctx: Context, tmp_path: Path) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(tmp_path / "elsewhere", cert__pem=leaf.pem, privkey__pem=leaf.key_pem)
    top = tmp_path / "letsencrypt"
    live = top / "live" / NAME
    live.mkdir(parents=True)
    for kind in ("cert", "privkey"):
        (live / f"{kind}.pem").symlink_to(tmp_path / "elsewhere" / f"{kind}.pem")
    (item,) = found_in(ctx, Folder(top))[1]
    assert isinstance(item, Unreadable)
    assert "leads out of the folder" in item.reason


def test_a_certificate_without_key_and_a_key_without_certificate_are_told(
    ctx: Context, tmp_path: Path
) -> None:
    one, other = (AUTHORITY.leaf(f"{n}.example.com") for n in "ab")
    write(tmp_path, a__pem=one.pem, b__key=other.key_pem, c__pem=b"nonsense")
    found = {item.name: item for item in found_in(ctx, Folder(tmp_path))[1]}
    assert found.keys() == {"a.pem", "b.key", "c.pem"}
    assert all(isinstance(item, Unreadable) for item in found.values())


def test_other_files_of_a_web_server_are_no_failures(ctx: Context, tmp_path: Path) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(tmp_path, a__crt=leaf.pem + AUTHORITY.chain, a__key=leaf.key_pem)
    for label in ("DH PARAMETERS", "CERTIFICATE REQUEST", "PUBLIC KEY"):
        text = f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n"
        (tmp_path / f"{label}.pem").write_text(text)
    assert names(ctx, tmp_path) == ["a.crt"]


def test_of_two_files_of_one_certificate_the_one_with_the_chain_counts(
    ctx: Context, tmp_path: Path
) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(tmp_path, cert__pem=leaf.pem, fullchain__pem=leaf.pem + AUTHORITY.chain)
    write(tmp_path, privkey__pem=leaf.key_pem)
    assert names(ctx, tmp_path) == ["fullchain.pem"]


def test_certificates_and_keys_may_have_a_folder_each(ctx: Context, tmp_path: Path) -> None:
    one, other = (AUTHORITY.leaf(f"{n}.example.com") for n in "ab")
    write(tmp_path / "certs", a__cert=one.pem, alone__pem=other.pem)
    (tmp_path / "certs" / "a.ca-bundle").write_bytes(AUTHORITY.chain)
    write(
        tmp_path / "private", a__key=one.key_pem, alone__key=AUTHORITY.leaf("c.example.com").key_pem
    )
    found = {item.name: item for item in found_in(ctx, Folder(tmp_path))[1]}
    assert found["certs/a.cert"] == Triplet("certs/a.cert", one.pem, one.key_pem, AUTHORITY.chain)
    assert found["certs/alone.pem"] == Unreadable(
        "certs/alone.pem", "There is no private key for it."
    )
    assert found["private/alone.key"] == Unreadable(
        "private/alone.key", "There is no certificate for this private key."
    )
    assert len(found) == 3


def test_a_bundle_may_begin_with_its_root_or_hold_two_leaves(ctx: Context, tmp_path: Path) -> None:
    one, other, third = (AUTHORITY.leaf(f"{n}.example.com") for n in "abc")
    write(tmp_path, one__key=one.key_pem, other__key=other.key_pem, third__key=third.key_pem)
    write(tmp_path, upside_down__pem=AUTHORITY.root.pem + AUTHORITY.chain + one.pem)
    write(tmp_path, two__pem=other.pem + third.pem + AUTHORITY.chain)
    found = [item for item in found_in(ctx, Folder(tmp_path))[1] if isinstance(item, Triplet)]
    assert {item.key for item in found} == {one.key_pem, other.key_pem, third.key_pem}
    assert {item.chain for item in found} == {AUTHORITY.chain}
