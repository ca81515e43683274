"""A certificate, its key and its chain as somebody brings them: read, checked to fit together."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ...errors import FieldErrors
from .. import names, x509
from ..context import Context
from ..estates import Triplet
from ..store import certificate_cas

CERTIFICATE, KEY, CHAIN = "certificate_file", "private_key_file_pem", "chain_file"
MAX_NAMES = 1_000  # no public CA puts more into a certificate
MAX_PEM = 65_535  # characters; MariaDB keeps no more in a text
MAX_STEPS = 8  # from a leaf up to its root
REMEMBERED = 64  # chains; few CAs issue most certificates


@dataclass(frozen=True)
class Checked:
    """A certificate that may be stored. `note` says where its chain is not the one given."""

    name: str
    leaf: x509.Certificate
    key: x509.PrivateKey
    names: tuple[str, ...]
    chain: tuple[x509.Certificate, ...]
    note: str = ""


class Reader:
    """Reads triplets one after the other; remembers the chains that it has seen."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._found: dict[tuple[str, str | None], tuple[x509.Certificate, ...]] = {}

    def read(self, brought: Triplet) -> Checked:
        """Raises FieldErrors: the field at fault, and why. Outside of a commit."""
        key = self._key(brought.key)
        leaf, rest = self._leaf(brought.certificate, key)
        stored_names = names_of(leaf)
        chain, note = self._chain(leaf, brought.chain, rest)
        return Checked(brought.name, leaf, key, stored_names, chain, note)

    def _key(self, content: bytes) -> x509.PrivateKey:
        try:
            return self._ctx.x509.key(content.decode("utf-8", "replace"))
        except x509.X509Error as exc:
            raise FieldErrors({KEY: str(exc)}) from exc

    @staticmethod
    def _leaf(
        content: bytes, key: x509.PrivateKey
    ) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
        """The certificate that is the key's, and what else is in its file."""
        found = read_certificates(content, CERTIFICATE)
        for at, leaf in enumerate(found):
            if leaf.spki_sha256 == key.spki_sha256:
                check(leaf)
                return leaf, tuple(in_order(content, found[:at] + found[at + 1 :]))
        raise FieldErrors({KEY: "This is the private key of another certificate."})

    def _chain(
        self, leaf: x509.Certificate, content: bytes, rest: tuple[x509.Certificate, ...]
    ) -> tuple[tuple[x509.Certificate, ...], str]:
        """The first that signs the leaf: what was given, what stood behind it, what is known."""
        why = ""
        if content.strip():
            try:
                return self._remembered(leaf, self._fitting(leaf, _chain_in(content))), ""
            except x509.X509Error as exc:
                why = str(exc)
        if rest:
            try:
                return self._remembered(leaf, self._fitting(leaf, rest)), ""
            except x509.X509Error as exc:
                why = why or str(exc)
        return self._from_known(leaf, why)

    def _fitting(
        self, leaf: x509.Certificate, offered: tuple[x509.Certificate, ...]
    ) -> tuple[x509.Certificate, ...]:
        """Raises X509Error. Many give the whole chain, the leaf in front, in place of the rest."""
        chain = offered
        if any(c.fingerprint_sha256 == leaf.fingerprint_sha256 for c in offered):
            chain = tuple(c for c in offered if c.fingerprint_sha256 != leaf.fingerprint_sha256)
        if not chain:
            raise x509.InvalidChain("there is nothing but the certificate itself in it")
        _check_chain(self._ctx.x509, chain)  # type: ignore[arg-type]  # every object is hashable
        self._ctx.x509.check_chain([leaf, chain[0]])
        return chain

    def _from_known(
        self, leaf: x509.Certificate, why: str
    ) -> tuple[tuple[x509.Certificate, ...], str]:
        try:
            chain = self._known(leaf)
        except x509.X509Error:
            raise FieldErrors({CHAIN: _no_chain(leaf, why)}) from None
        said = f"The chain did not fit ({why})" if why else "There was no chain"
        return chain, f"{said}; the one of a known CA was taken."

    def _known(self, leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """That of the certificates before it, which may not be stored yet, or a stored one."""
        asked = (leaf.issuer, leaf.authority_key_identifier)
        if asked in self._found:
            with contextlib.suppress(x509.X509Error):  # two CAs may have the same name
                return self._fitting(leaf, self._found[asked])
        return self._remembered(leaf, self._fitting(leaf, known_chain(self._ctx, leaf)))

    def _remembered(
        self, leaf: x509.Certificate, chain: tuple[x509.Certificate, ...]
    ) -> tuple[x509.Certificate, ...]:
        if len(self._found) < REMEMBERED:
            self._found[leaf.issuer, leaf.authority_key_identifier] = chain
        return chain


@lru_cache(maxsize=REMEMBERED)
def _chain_in(content: bytes) -> tuple[x509.Certificate, ...]:
    return tuple(dict.fromkeys(in_order(content, x509.read_certificates(content))))


@lru_cache(maxsize=REMEMBERED)
def _check_chain(backend: x509.Backend, chain: tuple[x509.Certificate, ...]) -> None:
    check_cas(chain)
    if len(chain) > 1:
        backend.check_chain(chain)


def read_certificates(content: bytes, field: str) -> list[x509.Certificate]:
    """Raises FieldErrors on `field`."""
    try:
        return x509.read_certificates(content)
    except x509.X509Error as exc:
        raise FieldErrors({field: str(exc)}) from exc


def in_order(content: bytes, found: list[x509.Certificate]) -> list[x509.Certificate]:
    """Those of a PKCS#7 bundle are a set: in the order of a chain, if they make one."""
    if x509.detect(content) is not x509.Format.PKCS7:
        return found
    issuers = {c.issuer for c in found if c.issuer != c.subject}
    first = [c for c in found if c.subject not in issuers]
    by_subject = {c.subject: c for c in found}
    ordered = first[:1]
    while ordered and len(ordered) < len(found) and ordered[-1].issuer in by_subject:
        ordered.append(by_subject[ordered[-1].issuer])
    return ordered if len({c.subject for c in ordered}) == len(found) else found


def check(leaf: x509.Certificate) -> None:
    """What no certificate that we keep may be. Raises FieldErrors."""
    if leaf.serial < 0:
        raise FieldErrors({CERTIFICATE: "Its serial number is negative."})
    if len(leaf.names) > MAX_NAMES:
        count = f"{len(leaf.names):,} names; {MAX_NAMES:,} are the most"
        raise FieldErrors({CERTIFICATE: f"It has {count}."})
    if len(leaf.pem) > MAX_PEM:
        raise FieldErrors({CERTIFICATE: f"It is larger than {MAX_PEM // 1024} KiB."})


def check_cas(chain: Sequence[x509.Certificate]) -> None:
    """What no CA that we keep may be. Raises X509Error."""
    if sum(len(issuer.pem) for issuer in chain) > MAX_PEM:
        raise x509.InvalidChain(f"the chain is larger than {MAX_PEM // 1024} KiB")
    for issuer in chain:
        if issuer.key_technology is None:
            raise x509.InvalidChain("a CA whose key is neither RSA nor EC is not supported")


def names_of(leaf: x509.Certificate) -> tuple[str, ...]:
    """As they are stored; raises FieldErrors where one is none that a domain may have."""
    if not leaf.names:
        raise FieldErrors({CERTIFICATE: "It is for no name: neither domain nor IP address."})
    try:
        return tuple(sorted(names.normalise_all(leaf.names, wildcard=True, ip=True)))
    except names.InvalidName as exc:
        raise FieldErrors({CERTIFICATE: f"Its name {exc}."}) from exc


def known_chain(ctx: Context, leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
    """From the leaf upwards over CAs that we have; without the root, unless that signed it."""
    chain: list[x509.Certificate] = []
    child = leaf
    while len(chain) < MAX_STEPS and child.subject != child.issuer:
        issuer = _issuer(ctx, child, [c.pem for c in chain])
        if issuer is None or (chain and issuer.subject == issuer.issuer):
            break
        chain.append(issuer)
        child = issuer
    return tuple(chain)


def _issuer(ctx: Context, child: x509.Certificate, used: Sequence[str]) -> x509.Certificate | None:
    """The known CA that has signed it, the one that ends last."""
    query = certificate_cas.may_have_signed(child.issuer, child.authority_key_identifier)
    for pem in ctx.db.scalars(query):
        if pem in used:
            continue
        try:
            issuer = ctx.x509.certificate(pem)
            ctx.x509.check_chain([child, issuer])
        except x509.X509Error:
            continue
        return issuer
    return None


def _no_chain(leaf: x509.Certificate, why: str) -> str:
    if leaf.subject == leaf.issuer and not why:
        return "There is no chain: the certificate has signed itself."
    issuer = ", ".join(leaf.issuer.splitlines())[:200]
    missing = f"This is not its chain ({why})" if why else "The chain is missing"
    return f"{missing}, and none of the known CAs has signed the certificate (issuer: {issuer})."
