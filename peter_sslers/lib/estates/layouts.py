"""Where Certbot, acme.sh, lego and Caddy put certificates, keys and chains."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

from .tree import Listed, Refused, Tree, Triplet, Unreadable, joined

Found = Iterator[Triplet | Unreadable]
_VERSIONED = re.compile(r"(cert|chain|fullchain|privkey)([1-9]\d{0,8})\.pem")
_LIVE = {"cert.pem", "fullchain.pem", "privkey.pem"}
ACCOUNTS = "ca"  # acme.sh's folder of accounts
CHAINS = {"ca.cer", "fullchain.cer"}  # acme.sh's, beside NAME.cer
KEYLESS = "There is no private key beside it."


class Layout(StrEnum):
    CERTBOT = "Certbot"
    ACME_SH = "acme.sh"
    LEGO = "lego"
    CADDY = "Caddy"
    FLAT = "loose files"


def detect(tree: Tree, top: str = "") -> Layout:
    """Whose folder `top` is, by the names of folders and files that only they write."""
    folders = tree.list(top).folders
    if {"live", "archive"} & set(folders) and _is_certbot(tree, top):
        return Layout.CERTBOT
    if "certificates" in folders:
        inside = joined(top, "certificates")
        if _is_lego(frozenset(tree.list(inside).files)):
            return Layout.LEGO
        if any(_is_certmagic(tree, joined(inside, ca)) for ca in tree.list(inside).folders):
            return Layout.CADDY
    if any(_is_acme_sh(folder, listed) for folder, listed in _folders(tree, top)):
        return Layout.ACME_SH
    return Layout.FLAT


def _is_certbot(tree: Tree, top: str) -> bool:
    archive, live = joined(top, "archive"), joined(top, "live")
    return any(_versions(listed.files) for _, listed in _folders(tree, archive)) or any(
        _LIVE & set(listed.files) for _, listed in _folders(tree, live)
    )


def _is_lego(files: frozenset[str]) -> bool:
    stems = (name.removesuffix(".crt") for name in files if name.endswith(".crt"))
    return any(f"{stem}.json" in files or f"{stem}.issuer.crt" in files for stem in stems)


def _is_certmagic(tree: Tree, issuer: str) -> bool:
    return any(
        f"{folder.rpartition('/')[2]}.crt" in listed.files
        for folder, listed in _folders(tree, issuer)
    )


def _is_acme_sh(folder: str, listed: Listed) -> bool:
    stem = folder.rpartition("/")[2].removesuffix("_ecc")
    return {"fullchain.cer", f"{stem}.cer", f"{stem}.conf"} <= set(listed.files)


def _folders(tree: Tree, parent: str) -> Iterator[tuple[str, Listed]]:
    for name in tree.list(parent).folders:
        folder = joined(parent, name)
        yield folder, tree.list(folder)


def certbot(tree: Tree, top: str) -> Found:
    """Every version of every lineage in `archive`, and what in `live` is no link to one of them."""
    archive, live = joined(top, "archive"), joined(top, "live")
    yield from _odd(tree.list(archive))
    for folder, listed in _folders(tree, archive):
        yield from _odd(listed)
        for version in _versions(listed.files):
            yield _version(tree, folder, listed.files, str(version))
    yield from _odd(tree.list(live))
    for folder, listed in _folders(tree, live):
        yield from _odd(listed)
        leaf = joined(folder, _leaf(listed.files))
        if _LIVE & set(listed.files) and not _is_archived(tree, leaf, archive):
            yield _version(tree, folder, listed.files)


def _versions(files: Collection[str]) -> list[int]:
    """As far as there is anything of them: what is missing then is told."""
    found = (_VERSIONED.fullmatch(name) for name in files)
    return sorted({int(match[2]) for match in found if match})


def _version(
    tree: Tree, folder: str, files: Collection[str], version: str = ""
) -> Triplet | Unreadable:
    certificate = joined(folder, _leaf(files, version))
    key, chain = joined(folder, f"privkey{version}.pem"), joined(folder, f"chain{version}.pem")
    found = _triplet(tree, certificate, key, chain)
    if isinstance(found, Unreadable) and found.name == key:
        older = _older(tree, folder, files, f"privkey{version}.pem")
        return _triplet(tree, certificate, joined(folder, older), chain)
    return found


def _leaf(files: Collection[str], version: str = "") -> str:
    """Many servers are given nothing but fullchain and privkey."""
    name, full = f"cert{version}.pem", f"fullchain{version}.pem"
    return full if name not in files and full in files else name


def _older(tree: Tree, folder: str, files: Collection[str], name: str) -> str:
    """Where --reuse-key is used, a key is a link to the older one by its whole path.

    In a copy of the tree that leads astray: the older one lies beside it. Else it is `name` itself.
    """
    for _ in files:
        older = tree.link(joined(folder, name)).rpartition("/")[2]
        if not _VERSIONED.fullmatch(older) or older not in files:
            break
        name = older
    return name


def _is_archived(tree: Tree, path: str, archive: str) -> bool:
    """Whether it is a link to a version that `archive` has."""
    folder, _, name = (tree.target(path) or "").rpartition("/")
    return folder.startswith(f"{archive}/") and bool(_VERSIONED.fullmatch(name))


def acme_sh(tree: Tree, top: str) -> Found:
    """`NAME/` or `NAME_ecc/` with `NAME.cer NAME.key ca.cer fullchain.cer`."""
    yield from _odd(tree.list(top))
    for folder, listed in _folders(tree, top):
        if folder != joined(top, ACCOUNTS):
            yield from _odd(listed)
            yield from _of_acme_sh(tree, folder, set(listed.files))


def _of_acme_sh(tree: Tree, folder: str, files: set[str]) -> Found:
    # Either has the chain; the leaf in the second is no harm.
    chain = next((joined(folder, name) for name in sorted(CHAINS & files)), "")
    for name in sorted(files - CHAINS):
        stem = name.removesuffix(".cer")
        if stem == name:
            continue
        certificate, key = joined(folder, name), f"{stem}.key"
        if key in files:
            yield _triplet(tree, certificate, joined(folder, key), chain)
        else:
            yield Unreadable(certificate, KEYLESS)


def lego(tree: Tree, top: str) -> Found:
    """`certificates/NAME.crt NAME.key NAME.issuer.crt`."""
    folder = joined(top, "certificates")
    yield from _pairs(tree, folder, tree.list(folder))


def caddy(tree: Tree, top: str) -> Found:
    """CertMagic's storage: `certificates/CA/NAME/NAME.crt NAME.key`."""
    certificates = joined(top, "certificates")
    yield from _odd(tree.list(certificates))
    for issuer, cas in _folders(tree, certificates):
        yield from _odd(cas)
        for folder, listed in _folders(tree, issuer):
            yield from _pairs(tree, folder, listed)


def _pairs(tree: Tree, folder: str, listed: Listed) -> Found:
    yield from _odd(listed)
    files = set(listed.files)
    for name in listed.files:
        stem = name.removesuffix(".crt")
        if stem == name or stem.endswith(".issuer"):
            continue
        certificate = joined(folder, name)
        if f"{stem}.key" not in files:
            yield Unreadable(certificate, KEYLESS)
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


READERS: dict[Layout, Callable[[Tree, str], Found]] = {
    Layout.CERTBOT: certbot,
    Layout.ACME_SH: acme_sh,
    Layout.LEGO: lego,
    Layout.CADDY: caddy,
}
