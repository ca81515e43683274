"""Who signed whom: order of a chain, and a way from a leaf to a root. Dates are not looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from . import certificates, der, extensions, public_keys, signatures
from .certificates import Parts
from .types import Certificate, InvalidChain

MAX_CERTIFICATES = 10
FAILED = "could not verify:"
_ISSUER_CURVES = (*public_keys.CURVES, public_keys.P521)
# (SubjectPublicKeyInfo, signature, what was signed, hash) → whether it fits
Verify = Callable[[bytes, bytes, bytes, str], bool]


def check_order(chain: Sequence[Certificate], verify: Verify) -> None:
    """Each certificate is signed by the next one, else InvalidChain."""
    if not 2 <= len(chain) <= MAX_CERTIFICATES:
        count = f"{len(chain)} certificates"
        raise InvalidChain(f"{FAILED} a chain has 2 to {MAX_CERTIFICATES}, not {count}")
    cut = [certificates.parts(certificate.der) for certificate in chain]
    for at, (child, issuer) in enumerate(pairwise(cut), 1):
        if reason := why_not(child, issuer, verify):
            raise InvalidChain(f"{FAILED} certificate {at} is not signed by the next: {reason}")


def check_to_root(leaf: str, chain: Sequence[str], root: str, verify: Verify) -> None:
    """From the leaf over some of `chain`, in any order, to the root; else InvalidChain."""
    start, top = (certificates.der_of(text) for text in (leaf, root))
    if len(chain) > MAX_CERTIFICATES:
        raise InvalidChain(f"{FAILED} a chain has at most {MAX_CERTIFICATES} certificates")
    between = [data for data in map(certificates.der_of, chain) if data not in (start, top)]
    if start != top and not _leads(start, between, top, verify):
        raise InvalidChain(f"{FAILED} the certificate does not lead over its chain to the root")


def _leads(start: bytes, between: list[bytes], top: bytes, verify: Verify) -> bool:
    cut = {data: certificates.parts(data) for data in (start, top, *between)}
    reached, seen = [start], {start}
    while reached:
        child = reached.pop()
        if not why_not(cut[child], cut[top], verify):
            return True
        for data in cut.keys() - seen:
            if data != top and not why_not(cut[child], cut[data], verify):
                seen.add(data)
                reached.append(data)
    return False


def why_not(child: Parts, issuer: Parts, verify: Verify) -> str:
    """Why `issuer` did not sign `child`; empty if it did."""
    if child.issuer != issuer.subject:
        return "its issuer has another name"
    try:
        if not _may_sign(issuer):
            return "the next is no CA certificate"
        technology, hash_name = signatures.read(child.algorithm)
        key = public_keys.check(issuer.spki, _ISSUER_CURVES)
    except der.DerError as exc:
        return str(exc)
    if key.technology is not technology or not verify(
        issuer.spki, child.signature, child.tbs, hash_name
    ):
        return "the signature does not fit"
    return ""


def _may_sign(issuer: Parts) -> bool:
    # Old roots are of version 1 and can not say that they are CAs.
    old_root = not issuer.extensions and issuer.subject == issuer.issuer
    return old_root or extensions.is_ca(issuer.extensions)
