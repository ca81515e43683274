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

SUFFIXES = (".pem", ".crt", ".cer", ".key", ".der", ".p7b", ".p7c")
MACOS = "__MACOSX"  # what its zips have beside the files
MAX_DEPTH = 8
Found = Iterator[Triplet | Unreadable]


def found_in(ctx: Context, tree: Tree) -> tuple[Layout, Found]:
    """Whose tree it is, and what it holds: read as it is asked for."""
    layout = detect(tree)
    if layout is Layout.FLAT:
        return layout, _loose(ctx, tree, "", 0)
    return layout, READERS[layout](tree)


def _loose(ctx: Context, tree: Tree, folder: str, depth: int) -> Found:
    """The files of each folder, matched by public key whatever their names."""
    listed = tree.list(folder)
    yield from (Unreadable(path, reason) for path, reason in listed.odd)
    files = [joined(folder, f) for f in listed.files if _is_meant(f)]
    if files:
        yield from _matched(ctx, tree, files)
    for name in listed.folders:
        if name == MACOS:
            continue
        inside = joined(folder, name)
        if depth == MAX_DEPTH:
            yield Unreadable(inside, f"It lies more than {MAX_DEPTH} folders deep.")
        else:
            yield from _loose(ctx, tree, inside, depth + 1)


def _is_meant(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


@dataclass(frozen=True)
class _Leaf:
    spki: str
    path: str
    has_chain: bool
    is_ca: bool  # that of a CA, unless its key is there


@dataclass
class _Sorted:
    """What the files of one folder hold; of certificates and keys their paths only."""

    keys: dict[str, str] = field(default_factory=dict)  # {SPKI: path}
    leaves: dict[str, _Leaf] = field(default_factory=dict)  # {fingerprint: …}
    cas: dict[str, list[x509.Certificate]] = field(default_factory=lambda: defaultdict(list))


def _matched(ctx: Context, tree: Tree, files: list[str]) -> Found:
    sorted_ = _Sorted()
    for path in files:
        try:
            reason = _sort(ctx, sorted_, path, tree.read(path))
        except Refused as exc:
            reason = str(exc)
        if reason:
            yield Unreadable(path, reason)
    used = set()
    for leaf in sorted_.leaves.values():
        if leaf.spki in sorted_.keys:
            used.add(leaf.spki)
            yield _triplet(tree, leaf, sorted_)
        elif not leaf.is_ca:
            yield Unreadable(leaf.path, "There is no private key for it in its folder.")
    for spki, path in sorted_.keys.items():
        if spki not in used:
            yield Unreadable(path, "There is no certificate for this private key in its folder.")


def _triplet(tree: Tree, leaf: _Leaf, among: _Sorted) -> Triplet | Unreadable:
    try:
        certificate, key = tree.read(leaf.path), tree.read(among.keys[leaf.spki])
        return Triplet(leaf.path, certificate, key, _chain(certificate, among.cas))
    except (Refused, x509.X509Error) as exc:  # it has changed meanwhile
        return Unreadable(leaf.path, str(exc))


def _sort(ctx: Context, into: _Sorted, path: str, content: bytes) -> str:
    """Note what a file holds; or why it can not be used."""
    has_key = b"PRIVATE KEY-----" in content
    has_certificate = not has_key or b"-----BEGIN CERTIFICATE-----" in content
    try:
        if has_key:
            key = ctx.x509.key(content.decode("utf-8", "replace"))
            into.keys.setdefault(key.spki_sha256, path)
        if has_certificate:
            leaf, *rest = x509.read_certificates(content)
            for ca in [leaf, *rest] if leaf.is_ca else rest:
                if ca not in into.cas[ca.subject]:
                    into.cas[ca.subject].append(ca)
            known = into.leaves.get(leaf.fingerprint_sha256)
            if known is None or (rest and not known.has_chain):
                into.leaves[leaf.fingerprint_sha256] = _Leaf(
                    leaf.spki_sha256, path, bool(rest), leaf.is_ca
                )
    except x509.X509Error as exc:
        return f"{str(exc)[:1].upper()}{str(exc)[1:]}."
    return ""


def _chain(certificate: bytes, cas: dict[str, list[x509.Certificate]]) -> bytes:
    """From the CAs of the folder; that of the certificate's own file is asked before."""
    leaf, *own = x509.read_certificates(certificate)
    if own:
        return b""
    chain: list[x509.Certificate] = []
    child = leaf
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
