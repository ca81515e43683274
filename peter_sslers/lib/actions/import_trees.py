"""The certificates of a folder or a zip, whoever has put them there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import x509
from ..context import Context
from ..estates import Layout, Refused, Tree, Triplet, Unreadable, detect
from ..estates.layouts import READERS
from ..estates.tree import joined

SUFFIXES = (
    *(".pem", ".crt", ".cer", ".cert", ".key", ".der", ".p7b", ".p7c"),
    *(".ca-bundle", ".bundle", ".chain"),  # as those who sell certificates and panels name chains
)
MEANT = (b"CERTIFICATE-----", b"PRIVATE KEY-----", b"PKCS7-----", b"CMS-----")
MACOS = "__MACOSX"  # what its zips have beside the files
MAX_DEPTH = 8
Found = Iterator[Triplet | Unreadable]


def found_in(ctx: Context, tree: Tree) -> tuple[Layout, Found]:
    """Whose tree it is, and what it holds: read as it is asked for.

    Such trees may also lie deeper, among loose files: a zip has the folder itself, a backup one of
    each server.
    """
    layout = detect(tree)
    if layout is Layout.FLAT:
        return layout, _loose(ctx, tree)
    return layout, READERS[layout](tree, "")


def _loose(ctx: Context, tree: Tree) -> Found:
    """The files of each folder, matched by public key whatever their names.

    What has found nothing in its folder is matched with that of others: many have a folder of
    certificates and one of keys.
    """
    apart = _Apart()
    yield from _walked(ctx, tree, apart, "", 0)
    yield from _of_apart(tree, apart)


def _walked(ctx: Context, tree: Tree, apart: _Apart, folder: str, depth: int) -> Found:
    listed = tree.list(folder)
    yield from (Unreadable(path, reason) for path, reason in listed.odd)
    files = [joined(folder, f) for f in listed.files if _is_meant(f)]
    if files:
        yield from _matched(ctx, tree, files, apart)
    for name in listed.folders:
        if name == MACOS:
            continue
        inside = joined(folder, name)
        if depth == MAX_DEPTH:
            yield Unreadable(inside, f"It lies more than {MAX_DEPTH} folders deep.")
        elif (layout := detect(tree, inside)) is not Layout.FLAT:
            yield from READERS[layout](tree, inside)
        else:
            yield from _walked(ctx, tree, apart, inside, depth + 1)


def _is_meant(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


@dataclass(frozen=True)
class _Leaf:
    spki: str
    path: str
    has_chain: bool
    is_ca: bool  # that of a CA, unless its key is there


Cas = dict[str, list[x509.Certificate]]  # {subject: …}


@dataclass
class _Sorted:
    """What the files of one folder hold; of certificates and keys their paths only."""

    keys: dict[str, str] = field(default_factory=dict)  # {SPKI: path}
    leaves: dict[str, _Leaf] = field(default_factory=dict)  # {fingerprint: …}
    cas: Cas = field(default_factory=lambda: defaultdict(list))


@dataclass
class _Apart:
    """Of all folders: what has found nothing in its own to go with."""

    keys: dict[str, str] = field(default_factory=dict)  # {SPKI: path}
    leaves: list[_Leaf] = field(default_factory=list)
    cas: Cas = field(default_factory=lambda: defaultdict(list))


def _matched(ctx: Context, tree: Tree, files: list[str], apart: _Apart) -> Found:
    sorted_ = _Sorted()
    for path in files:
        try:
            reason = _sort(ctx, sorted_, path, tree.read(path))
        except Refused as exc:
            reason = str(exc)
        if reason:
            yield Unreadable(path, reason)
    used, alone = set(), []
    for leaf in sorted_.leaves.values():
        if key := sorted_.keys.get(leaf.spki):
            used.add(leaf.spki)
            yield _triplet(tree, leaf, key, sorted_.cas)
        elif not leaf.is_ca:
            alone.append(leaf)
    apart.leaves += alone
    apart.keys |= {spki: path for spki, path in sorted_.keys.items() if spki not in used}
    for ca in [ca for same in sorted_.cas.values() for ca in same] if alone else []:
        _add(apart.cas, ca)


def _of_apart(tree: Tree, apart: _Apart) -> Found:
    used = set()
    for leaf in apart.leaves:
        if key := apart.keys.get(leaf.spki):
            used.add(leaf.spki)
            yield _triplet(tree, leaf, key, apart.cas)
        else:
            yield Unreadable(leaf.path, "There is no private key for it.")
    for spki, path in apart.keys.items():
        if spki not in used:
            yield Unreadable(path, "There is no certificate for this private key.")


def _triplet(tree: Tree, leaf: _Leaf, key: str, cas: Cas) -> Triplet | Unreadable:
    try:
        certificate = tree.read(leaf.path)
        return Triplet(leaf.path, certificate, tree.read(key), _chain(certificate, leaf.spki, cas))
    except (Refused, x509.X509Error) as exc:  # it has changed meanwhile
        return Unreadable(leaf.path, str(exc))


def _sort(ctx: Context, into: _Sorted, path: str, content: bytes) -> str:
    """Note what a file holds; or why it can not be used."""
    if b"-----BEGIN " in content and not any(label in content for label in MEANT):
        return ""  # Diffie-Hellman parameters, requests: they lie beside certificates
    has_key = b"PRIVATE KEY-----" in content
    has_certificate = not has_key or b"-----BEGIN CERTIFICATE-----" in content
    try:
        if has_key:
            key = ctx.x509.key(content.decode("utf-8", "replace"))
            into.keys.setdefault(key.spki_sha256, path)
        if has_certificate:
            found = x509.read_certificates(content)
            for ca in filter(_may_sign, found):
                _add(into.cas, ca)
            # Some have the root in front, some more than one leaf.
            for leaf in [c for c in found if not _may_sign(c)] or found[:1]:
                known = into.leaves.get(leaf.fingerprint_sha256)
                if known is None or (len(found) > 1 and not known.has_chain):
                    into.leaves[leaf.fingerprint_sha256] = _Leaf(
                        leaf.spki_sha256, path, len(found) > 1, leaf.is_ca
                    )
    except x509.X509Error as exc:
        return f"{str(exc)[:1].upper()}{str(exc)[1:]}."
    return ""


def _may_sign(certificate: x509.Certificate) -> bool:
    """Old roots can not say that they are CAs."""
    return certificate.is_ca or certificate.subject == certificate.issuer


def _add(cas: Cas, ca: x509.Certificate) -> None:
    if ca not in cas[ca.subject]:
        cas[ca.subject].append(ca)


def _chain(content: bytes, spki: str, cas: Cas) -> bytes:
    """From the CAs that were found; what stands behind the leaf in its file is asked before."""
    first, *rest = x509.read_certificates(content)
    if first.spki_sha256 == spki and rest and all(map(_may_sign, rest)):
        return b""
    child = next((c for c in [first, *rest] if c.spki_sha256 == spki), first)
    chain: list[x509.Certificate] = []
    while len(chain) < MAX_DEPTH and child.subject != child.issuer:
        issuer = next((ca for ca in cas.get(child.issuer, ()) if _fits(child, ca)), None)
        if issuer is None or issuer in chain or (chain and issuer.subject == issuer.issuer):
            break
        chain.append(issuer)
        child = issuer
    return "".join(ca.pem for ca in chain).encode()


def _fits(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    """By the key's identifier; the signature is checked with the triplet."""
    wanted, has = child.authority_key_identifier, issuer.subject_key_identifier
    return wanted is None or has is None or wanted == has
