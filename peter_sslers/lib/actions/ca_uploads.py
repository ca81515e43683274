"""Certificates of CAs and chains of them, brought by hand."""

from __future__ import annotations

from ...errors import FieldErrors
from ...model import CertificateCA, CertificateCAChain
from .. import x509
from ..context import Context
from . import certificates
from .import_reading import CHAIN, check_cas, in_order, read_certificates
from .races import commit_anew

CA = "cert_file"
UNNAMED_CHAIN = "manual upload"


def upload_ca(ctx: Context, content: bytes, name: str) -> tuple[CertificateCA, bool]:
    """Find or store the certificate of a CA; True if it is new. PEM, DER or PKCS#7.

    Raises FieldErrors on `cert_file`.
    """
    found = read_certificates(content, CA)
    if len(found) > 1:
        text = f"There are {len(found)} certificates in it: upload it as a chain."
        raise FieldErrors({CA: text})
    try:
        require_cas(found)
    except x509.X509Error as exc:
        raise FieldErrors({CA: str(exc)}) from exc
    return commit_anew(ctx, lambda: certificates.ca_of(ctx, found[0], name))


def upload_chain(ctx: Context, content: bytes, name: str) -> tuple[CertificateCAChain, bool]:
    """Find or store a chain, leaf's side first, and its CAs; True if it is new.

    Raises FieldErrors on `chain_file` for certificates that do not sign one another in that order.
    """
    chain = in_order(content, read_certificates(content, CHAIN))
    try:
        require_cas(chain)
        if len(chain) > 1:
            ctx.x509.check_chain(chain)
    except x509.X509Error as exc:
        raise FieldErrors({CHAIN: str(exc)}) from exc
    return commit_anew(ctx, lambda: certificates.chain_of(ctx, chain, name or UNNAMED_CHAIN))


def require_cas(found: list[x509.Certificate]) -> None:
    """Raises X509Error where one may sign none. Old roots can not say that they are CAs."""
    check_cas(found)
    for at, certificate in enumerate(found, 1):
        if not certificate.is_ca and certificate.subject != certificate.issuer:
            raise x509.InvalidCertificate(f"certificate {at} is not that of a CA")
