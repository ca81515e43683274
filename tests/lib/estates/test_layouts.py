"""Where programs put their certificates."""

from __future__ import annotations

from pathlib import Path

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


def test_of_two_files_of_one_certificate_the_one_with_the_chain_counts(
    ctx: Context, tmp_path: Path
) -> None:
    leaf = AUTHORITY.leaf(NAME)
    write(tmp_path, cert__pem=leaf.pem, fullchain__pem=leaf.pem + AUTHORITY.chain)
    write(tmp_path, privkey__pem=leaf.key_pem)
    assert names(ctx, tmp_path) == ["fullchain.pem"]
