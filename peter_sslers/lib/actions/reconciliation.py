"""Finding the issuers of CAs by the addresses that stand in their certificates."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ...enums import OperationsEventType
from ...model import CertificateCA, CertificateCAReconciliation
from .. import aia, x509
from ..context import Context
from ..store import certificate_cas, events
from . import certificates
from .import_reading import check_cas
from .races import commit_anew

ROUNDS = 5  # an issuer that was not known may have an issuer that is not known
AT_ONCE = 8  # addresses asked at the same time
MOST = 200  # addresses asked in one run; the next run goes on with the others
LIMIT_S = 60.0  # for all of them; none is asked after it
NOT_ASKED = "was not asked in this run"
DISCOVERED = "discovered"

Certificate = x509.Certificate


@dataclass(frozen=True)
class Reconciled:
    """Ids of CAs: those whose issuer was found, and why it was not for the others."""

    event_id: int
    reconciled: tuple[int, ...]
    failed: Mapping[int, str]


@dataclass
class Search:
    """What the network said of certificates, each by its SHA-256."""

    issuers: dict[str, list[Certificate]] = field(default_factory=dict)  # the first is the issuer
    failed: dict[str, str] = field(default_factory=dict)
    read: dict[str, list[Certificate] | str] = field(default_factory=dict)  # by address; or why not
    settled: set[str] = field(default_factory=set)  # whose issuers are known already


def reconcile(ctx: Context) -> Reconciled:
    """Ask first, and then store all that was found in one commit. One that fails stops no other."""
    wanted = list(ctx.db.scalars(certificate_cas.unreconciled(ctx.now)))
    parsed = {ca.id: ctx.x509.certificate(ca.cert_pem) for ca in wanted}
    settled = ctx.db.scalars(certificate_cas.reconciled_fingerprints())
    search = Search(settled={str(fingerprint) for fingerprint in settled})
    ctx.outside()
    _look(ctx, search, list(parsed.values()))
    return commit_anew(ctx, lambda: _store(ctx, search, parsed))


def _look(ctx: Context, search: Search, wanted: list[Certificate]) -> None:
    allowed = _anywhere if ctx.settings.aia_private_addresses else aia.is_public
    deadline = time.monotonic() + LIMIT_S
    for _ in range(ROUNDS):
        uris = dict.fromkeys(c.issuer_uri for c in wanted if c.issuer_uri not in search.read)
        search.read |= _fetch_all(
            [*filter(None, uris)][: MOST - len(search.read)], allowed, deadline
        )
        for certificate in wanted:
            _match(ctx, search, certificate)
        known = search.settled | search.issuers.keys() | search.failed.keys()
        found = (issuer for issuers in search.issuers.values() for issuer in issuers)
        wanted = list(
            {
                issuer.fingerprint_sha256: issuer
                for issuer in found
                if issuer.issuer_uri and issuer.fingerprint_sha256 not in known
            }.values()
        )
        if not wanted:
            return


def _anywhere(_address: str) -> bool:
    return True


def _fetch_all(
    uris: Iterable[str], allowed: aia.IsAllowed, deadline: float
) -> Iterator[tuple[str, list[Certificate] | str]]:
    def ask(uri: str) -> tuple[str, list[Certificate] | str]:
        if time.monotonic() >= deadline:
            return uri, NOT_ASKED
        try:
            return uri, x509.read_certificates(aia.fetch(uri, allowed))
        except (aia.NotFetched, x509.X509Error) as exc:
            return uri, str(exc)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(ask, uris)


def _match(ctx: Context, search: Search, certificate: Certificate) -> None:
    name = certificate.fingerprint_sha256
    answer = search.read.get(certificate.issuer_uri or "", NOT_ASKED)
    if isinstance(answer, str):
        search.failed[name] = answer
        return
    signers = [found for found in answer if _has_signed(ctx, found, certificate)]
    if not signers:
        search.failed[name] = "What was sent is not the issuer's certificate"
        return
    try:
        check_cas(signers)
    except x509.X509Error as exc:
        search.failed[name] = f"What was sent is not kept: {exc}"
    else:
        # Of several with the same key the one that lasts longest.
        search.issuers[name] = sorted(signers, key=lambda c: c.not_after, reverse=True)


def _has_signed(ctx: Context, issuer: Certificate, certificate: Certificate) -> bool:
    if issuer.subject != certificate.issuer or issuer.key_technology is None:
        return False
    try:
        ctx.x509.check_chain([certificate, issuer])
    except x509.X509Error:
        return False
    return True


def _store(ctx: Context, search: Search, parsed: Mapping[int, Certificate]) -> Reconciled:
    event = events.record(ctx, OperationsEventType.OPERATIONS_RECONCILE_CAS)
    rows = {c.fingerprint_sha256: _row(ctx, number) for number, c in parsed.items()}
    uris = {c.fingerprint_sha256: c.issuer_uri for c in parsed.values()}
    for issuers in search.issuers.values():
        for issuer in issuers:
            row, _ = certificates.ca_of(ctx, issuer, DISCOVERED)
            rows[issuer.fingerprint_sha256] = row
            uris[issuer.fingerprint_sha256] = issuer.issuer_uri
    ctx.db.flush()
    for name, issuers in search.issuers.items():
        signers = [rows[issuer.fingerprint_sha256] for issuer in issuers]
        _tie(ctx, rows[name], signers, uris[name] or "")
    failed = {rows[n].id: why for n, why in search.failed.items() if n in rows}
    for number, why in failed.items():
        if why != NOT_ASKED:
            ctx.db.add(_attempt(ctx, number, None))
    done = tuple(sorted(rows[name].id for name in search.issuers))
    events.describe(event, {"certificate_ca.ids": list(done)})
    return Reconciled(event.id, done, failed)


def _row(ctx: Context, number: int) -> CertificateCA:
    return ctx.db.get_one(CertificateCA, number)


def _tie(ctx: Context, ca: CertificateCA, signers: list[CertificateCA], uri: str) -> None:
    ca.cert_issuer__reconciled = True
    ca.cert_issuer__certificate_ca_id = signers[0].id
    for signer in signers:
        known = (signer.reconciled_uris or "").split()
        if uri not in known:
            signer.reconciled_uris = " ".join([*known, uri])
    ctx.db.add(_attempt(ctx, ca.id, signers[0].id))


def _attempt(ctx: Context, number: int, issuer: int | None) -> CertificateCAReconciliation:
    return CertificateCAReconciliation(
        timestamp_operation=ctx.now,
        certificate_ca_id=number,
        result=issuer is not None,
        certificate_ca_id__issuer__reconciled=issuer,
    )
