"""Where Certbot, acme.sh, lego and Caddy put certificates, keys and chains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from .tree import Listed, Refused, Tree, Triplet, Unreadable, joined

Found = Iterator[Triplet | Unreadable]
_VERSION = re.compile(r"cert(\d{1,9})\.pem")
ACCOUNTS = "ca"  # acme.sh's folder of accounts


class Layout(StrEnum):
    CERTBOT = "Certbot"
    ACME_SH = "acme.sh"
    LEGO = "lego"
    CADDY = "Caddy"
    FLAT = "loose files"


def detect(tree: Tree) -> Layout:
    """Whose tree it is, by the names of folders and files."""
    top = tree.list("")
    if {"live", "archive"} & set(top.folders):
        return Layout.CERTBOT
    if "certificates" in top.folders:
        inside = tree.list("certificates")
        if any(name.endswith(".crt") for name in inside.files):
            return Layout.LEGO
        if inside.folders:
            return Layout.CADDY
    if any(_is_acme_sh(tree.list(name)) for name in top.folders if name != ACCOUNTS):
        return Layout.ACME_SH
    return Layout.FLAT


def _is_acme_sh(listed: Listed) -> bool:
    return "fullchain.cer" in listed.files and any(f.endswith(".key") for f in listed.files)


def certbot(tree: Tree) -> Found:
    """Every version of every lineage in `archive`, and what in `live` is no link to one of them."""
    yield from _odd(tree.list("archive"))
    for lineage in tree.list("archive").folders:
        folder = f"archive/{lineage}"
        listed = tree.list(folder)
        yield from _odd(listed)
        found = (_VERSION.fullmatch(name) for name in listed.files)
        for number in sorted(int(match[1]) for match in found if match):
            yield _triplet(
                tree,
                f"{folder}/cert{number}.pem",
                f"{folder}/privkey{number}.pem",
                f"{folder}/chain{number}.pem",
            )
    yield from _odd(tree.list("live"))
    for lineage in tree.list("live").folders:
        folder = f"live/{lineage}"
        listed = tree.list(folder)
        yield from _odd(listed)
        if "cert.pem" in listed.files and not _is_archived(tree, f"{folder}/cert.pem"):
            yield _triplet(
                tree, f"{folder}/cert.pem", f"{folder}/privkey.pem", f"{folder}/chain.pem"
            )


def _is_archived(tree: Tree, path: str) -> bool:
    """Whether it is a link to a version that `archive` has."""
    target: Callable[[str], str | None] | None = getattr(tree, "target", None)
    leads_to = target(path) if target else None
    if leads_to is None:
        return False
    folder, _, name = leads_to.rpartition("/")
    return folder.startswith("archive/") and bool(_VERSION.fullmatch(name))


def acme_sh(tree: Tree) -> Found:
    """`NAME/` or `NAME_ecc/` with `NAME.cer NAME.key ca.cer`."""
    top = tree.list("")
    yield from _odd(top)
    for folder in top.folders:
        if folder == ACCOUNTS:
            continue
        listed = tree.list(folder)
        yield from _odd(listed)
        for name in listed.files:
            stem = name.removesuffix(".key")
            if stem != name and f"{stem}.cer" in listed.files:
                chain = f"{folder}/ca.cer" if "ca.cer" in listed.files else ""
                yield _triplet(tree, f"{folder}/{stem}.cer", f"{folder}/{name}", chain)


def lego(tree: Tree) -> Found:
    """`certificates/NAME.crt NAME.key NAME.issuer.crt`."""
    yield from _pairs(tree, "certificates")


def caddy(tree: Tree) -> Found:
    """CertMagic's storage: `certificates/CA/NAME/NAME.crt NAME.key`."""
    yield from _odd(tree.list("certificates"))
    for ca in tree.list("certificates").folders:
        issuer = f"certificates/{ca}"
        yield from _odd(tree.list(issuer))
        for name in tree.list(issuer).folders:
            yield from _pairs(tree, f"{issuer}/{name}")


def _pairs(tree: Tree, folder: str) -> Found:
    listed = tree.list(folder)
    yield from _odd(listed)
    files = set(listed.files)
    for name in listed.files:
        stem = name.removesuffix(".crt")
        if stem == name or stem.endswith(".issuer"):
            continue
        certificate = joined(folder, name)
        if f"{stem}.key" not in files:
            yield Unreadable(certificate, "There is no private key beside it.")
            continue
        chain = f"{stem}.issuer.crt"
        yield _triplet(
            tree,
            certificate,
            joined(folder, f"{stem}.key"),
            joined(folder, chain) if chain in files else "",
        )


def _triplet(tree: Tree, certificate: str, key: str, chain: str) -> Triplet | Unreadable:
    """Without a chain, or with one that is not there, it is looked for elsewhere."""
    contents = []
    for path in (certificate, key):
        try:
            contents.append(tree.read(path))
        except Refused as exc:
            return Unreadable(path, str(exc))
    try:
        contents.append(tree.read(chain) if chain else b"")
    except Refused as exc:
        if chain.rpartition("/")[2] in tree.list(chain.rpartition("/")[0]).files:
            return Unreadable(chain, str(exc))
        contents.append(b"")
    return Triplet(certificate, *contents)


def _odd(listed: Listed) -> Iterator[Unreadable]:
    return (Unreadable(path, reason) for path, reason in listed.odd)


READERS: dict[Layout, Callable[[Tree], Found]] = {
    Layout.CERTBOT: certbot,
    Layout.ACME_SH: acme_sh,
    Layout.LEGO: lego,
    Layout.CADDY: caddy,
}
