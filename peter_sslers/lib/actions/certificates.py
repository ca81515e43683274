"""Certificates and their chains: read, de-duplicated, stored, and made their names' latest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ...enums import OperationsEventType
from ...errors import Conflict, SslersError
from ...model import (
    AcmeOrder,
    CertificateCA,
    CertificateCAChain,
    CertificateRequest,
    CertificateSigned,
    CertificateSignedChain,
    PrivateKey,
    UniqueFQDNSet,
)
from .. import x509
from ..context import Context
from ..store import events
from ..store.counters import one_more
from ..x509.pem import md5_hex, split_pems
from . import private_keys, recents, retries


@dataclass(frozen=True)
class Issued:
    """A leaf and the chains it can be served with; the CA's default chain is the first."""

    leaf: x509.Certificate
    chains: tuple[tuple[x509.Certificate, ...], ...]


def read_issued(ctx: Context, pems: Sequence[str]) -> Issued:
    """Read fullchains of one leaf. Raises X509Error when they are not, or are out of order."""
    leaf: x509.Certificate | None = None
    chains = []
    for pem in pems:
        blocks = split_pems(pem)
        if not blocks:
            raise x509.InvalidCertificate("there is no certificate in it")
        first, *rest = (ctx.x509.certificate(block) for block in blocks)
        if leaf is not None and first.fingerprint_sha256 != leaf.fingerprint_sha256:
            raise x509.InvalidChain("the alternate chains are of another certificate")
        leaf = leaf or first
        if rest:
            ctx.x509.check_chain([leaf, *rest])
            chains.append(tuple(rest))
    if leaf is None:
        raise x509.InvalidCertificate("there is no certificate in it")
    return Issued(leaf, tuple(dict.fromkeys(chains)))


def store_issued(ctx: Context, order: AcmeOrder, issued: Issued) -> CertificateSigned:
    """Store the certificate of an order; inside a commit. An equal one is linked, not doubled."""
    return store(
        ctx,
        issued,
        key=order.private_key,
        fqdns=order.unique_fqdn_set,
        order=order,
        chain_name="ACME Server Response",
    )[0]


def store(
    ctx: Context,
    issued: Issued,
    *,
    key: PrivateKey,
    fqdns: UniqueFQDNSet,
    order: AcmeOrder | None = None,
    chain_name: str = "",
) -> tuple[CertificateSigned, bool]:
    """Find or store a certificate with its chains; True if it is new. Inside a commit.

    Raises Conflict when the stored one has another key or other names.
    """
    leaf = issued.leaf
    found = ctx.db.scalar(
        select(CertificateSigned).where(CertificateSigned.cert_pem_md5 == md5_hex(leaf.pem))
    )
    if found is not None:
        if found.private_key_id != key.id or found.unique_fqdn_set_id != fqdns.id:
            raise Conflict(f"CertificateSigned {found.id} is stored with another key or names")
        link_chains(found, [chain_of(ctx, c, chain_name)[0] for c in issued.chains])
        ctx.served_anew(d.id for d in fqdns.domains)  # with another chain, perhaps
        return found, False
    if leaf.spki_sha256 != key.spki_sha256:
        raise SslersError("the certificate is for another private key")
    private_keys.lock(ctx, key)  # it may have been compromised since the order was finalized
    chains = [chain_of(ctx, c, chain_name)[0] for c in issued.chains]
    certificate = insert(ctx, leaf, key, fqdns, order.certificate_request if order else None)
    link_chains(certificate, chains)
    count_issue(ctx, key, order)
    recents.update_domains(ctx, [d.id for d in fqdns.domains])
    return certificate, True


def insert(
    ctx: Context,
    leaf: x509.Certificate,
    key: PrivateKey,
    fqdns: UniqueFQDNSet,
    request: CertificateRequest | None,
) -> CertificateSigned:
    certificate = CertificateSigned(
        timestamp_created=ctx.now,
        timestamp_not_before=leaf.not_before,
        timestamp_not_after=leaf.not_after,
        is_single_domain_cert=fqdns.count_domains == 1,
        key_technology=key.key_technology,
        cert_pem=leaf.pem,
        cert_pem_md5=md5_hex(leaf.pem),
        spki_sha256=leaf.spki_sha256,
        fingerprint_sha1=leaf.fingerprint_sha1,
        fingerprint_sha256=leaf.fingerprint_sha256,
        serial=f"{leaf.serial:X}",
        cert_subject=leaf.subject,
        cert_issuer=leaf.issuer,
        # A key that is compromised makes nothing that may be served.
        is_active=not key.is_compromised,
        is_compromised_private_key=key.is_compromised or None,
        unique_fqdn_set=fqdns,
        private_key=key,
        certificate_request=request,
    )
    events.created(ctx, OperationsEventType.CERTIFICATE_SIGNED_INSERT, certificate)
    return certificate


def count_issue(ctx: Context, key: PrivateKey, order: AcmeOrder | None) -> None:
    latest = "timestamp_last_certificate_issue"
    for counting in (key, order.acme_account) if order is not None else (key,):
        one_more(counting, "count_certificate_signeds", latest, ctx.now)
    if order is not None and (renewed := retries.renewed_by(order)) is not None:
        renewed.is_renewed = True
        order.certificate_signed_id__renewal_of = renewed.certificate_signed_id


def link_chains(certificate: CertificateSigned, chains: Iterable[CertificateCAChain]) -> None:
    """Tie a certificate to its chains; the first becomes the CA's default if it has none yet."""
    tied = {link.certificate_ca_chain for link in certificate.certificate_signed_chains}
    for stored in chains:
        if stored in tied:
            continue
        certificate.certificate_signed_chains.append(
            CertificateSignedChain(certificate_ca_chain=stored, is_upstream_default=not tied)
        )
        tied.add(stored)


def chain_of(
    ctx: events.Recorder, chain: Sequence[x509.Certificate], name: str = ""
) -> tuple[CertificateCAChain, bool]:
    """Find or store a chain, leaf's side first, and its CAs. True if it is new."""
    pem = "".join(c.pem for c in chain)
    found = ctx.db.scalar(
        select(CertificateCAChain).where(CertificateCAChain.chain_pem_md5 == md5_hex(pem))
    )
    if found is not None:
        return found, False
    cas = [ca_of(ctx, certificate, name)[0] for certificate in chain]
    ctx.db.flush()
    stored = CertificateCAChain(
        display_name=name or "discovered",
        timestamp_created=ctx.now,
        chain_pem=pem,
        chain_pem_md5=md5_hex(pem),
        chain_length=len(cas),
        certificate_ca_0=cas[0],
        certificate_ca_n=cas[-1],
        certificate_ca_ids_string=",".join(str(ca.id) for ca in cas),
    )
    events.created(ctx, OperationsEventType.CERTIFICATE_CA_CHAIN_INSERT, stored)
    return stored, True


def ca_of(
    ctx: events.Recorder, parsed: x509.Certificate, name: str = "", number: int | None = None
) -> tuple[CertificateCA, bool]:
    """Find or store a CA certificate. True if it is new. `number`: the id of a new row."""
    found = ctx.db.scalar(
        select(CertificateCA).where(CertificateCA.cert_pem_md5 == md5_hex(parsed.pem))
    )
    if found is not None:
        return found, False
    if parsed.key_technology is None:
        raise x509.InvalidCertificate("a CA whose key is neither RSA nor EC is not supported")
    stored = CertificateCA(
        id=number,
        display_name=name or "unknown",
        key_technology=parsed.key_technology,
        cert_pem=parsed.pem,
        cert_pem_md5=md5_hex(parsed.pem),
        spki_sha256=parsed.spki_sha256,
        fingerprint_sha1=parsed.fingerprint_sha1,
        fingerprint_sha256=parsed.fingerprint_sha256,
        timestamp_not_before=parsed.not_before,
        timestamp_not_after=parsed.not_after,
        cert_subject=parsed.subject,
        cert_issuer=parsed.issuer,
        cert_issuer_uri=parsed.issuer_uri,
        cert_authority_key_identifier=parsed.authority_key_identifier,
        subject_key_identifier=parsed.subject_key_identifier,
        timestamp_created=ctx.now,
    )
    events.created(ctx, OperationsEventType.CERTIFICATE_CA_INSERT, stored)
    return stored, True
