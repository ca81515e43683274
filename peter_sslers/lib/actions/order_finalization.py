"""The end of an order: key and CSR, finalize, and the certificate that comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from ...enums import (
    AcmeEvent,
    CertificateRequestSource,
    OperationsEventType,
    OrderStatus,
    ProcessingStatus,
)
from ...errors import Failed, InvalidRequest, UpstreamError
from ...model import AcmeOrder, CertificateRequest, CertificateSigned
from .. import acme_v2, x509
from ..acme_v2 import polling
from ..context import Context
from ..journal import Subject
from ..store import events
from ..store.counters import one_more
from ..x509.pem import md5_hex, pem_to_der
from . import certificates, leases, private_key_cycles
from .acme import client_of, stored
from .order_state import asked_for, at_work, fail, store_order


def finalize(ctx: Context, order: AcmeOrder, request: CertificateRequest | None = None) -> None:
    """RFC 8555 section 7.4: send the CSR, wait for the certificate, store it.

    Key and CSR are committed before the CA sees the CSR: no certificate without its key. The same
    CSR is sent again if the answer got lost. `request`: the CSR, if it was committed just now.
    """
    request = request or csr_of(ctx, order)
    client = client_of(ctx, order.acme_account)
    url = order.order_url or ""
    ctx.journal.asking(Subject(AcmeEvent.ORDER_FINALIZE, order.acme_account, order))
    try:
        said = acme_v2.orders.finalize(
            client, order.finalize_url or "", pem_to_der(request.csr_pem), url
        )
    except acme_v2.Problem as exc:
        said = after_refusal(ctx, order, exc)
    store(ctx, order, said)
    collect(ctx, order, said)


def after_refusal(ctx: Context, order: AcmeOrder, refusal: acme_v2.Problem) -> acme_v2.Order:
    """What the CA says of an order whose CSR it did not want.

    Either it has one already, of a process that died before it could say so; or this is the end
    of the order, or a refusal that leaves it as it was: then `refusal` is raised.
    """
    client = client_of(ctx, order.acme_account)
    try:
        with asked_for(ctx, order):
            said = acme_v2.orders.fetch(client, order.order_url or "")
    except UpstreamError as exc:
        raise refusal from exc
    if said.status in {OrderStatus.PROCESSING, OrderStatus.VALID}:
        return said
    if said.status is OrderStatus.INVALID:
        fail(ctx, order, str(refusal))
    else:
        at_work(ctx, order, lambda: store_order(ctx, order, said))
    raise refusal


def collect(ctx: Context, order: AcmeOrder, said: acme_v2.Order) -> None:
    """Wait until the CA has issued, then download. It may take longer than we wait."""
    client = client_of(ctx, order.acme_account)
    url = order.order_url or ""
    if said.status is OrderStatus.PROCESSING:
        with asked_for(ctx, order):
            said = polling.settled(
                lambda: acme_v2.orders.fetch(client, url),
                since=ctx.journal.heard_at,
                deadline_s=ctx.settings.acme_wait_s,
            )
        store(ctx, order, said)
    match said.status:
        case OrderStatus.VALID:
            download(ctx, order)
        case OrderStatus.PROCESSING | OrderStatus.READY | OrderStatus.PENDING:
            return
        case _:
            message = f"Order failed: {said.error or said.status}"
            fail(ctx, order, message)
            raise Failed(message, order)


def store(ctx: Context, order: AcmeOrder, said: acme_v2.Order) -> None:
    """Commit what the CA said of the order after finalize."""

    def put() -> acme_v2.Order:
        if said.status is OrderStatus.VALID:
            order.acme_order_processing_status = ProcessingStatus.ORDER_FINALIZED
        return store_order(ctx, order, said)

    at_work(ctx, order, put)


@dataclass(frozen=True)
class Draft:
    """A key and a CSR that are made and not stored: nothing is lost with them."""

    key: private_key_cycles.Chosen
    csr: x509.CertificateRequest


def draft(ctx: Context, order: AcmeOrder) -> Draft:
    """What finalize will need; outside of a commit."""
    key = private_key_cycles.for_order(ctx, order)
    return Draft(key, new_csr(ctx, order, key.pem))


def new_csr(ctx: Context, order: AcmeOrder, key_pem: str) -> x509.CertificateRequest:
    return ctx.x509.csr(ctx.x509.new_csr(order.domains_as_list, key_pem))


def csr_of(ctx: Context, order: AcmeOrder) -> CertificateRequest:
    """The order's CSR with a key that may still be used; made and committed if there is none.

    Raises Failed when the order was given up meanwhile.
    """
    if request := usable(order.certificate_request):
        return at_work(ctx, order, lambda: request)
    made = draft(ctx, order)
    return at_work(ctx, order, lambda: store_draft(ctx, order, made))


def store_draft(ctx: Context, order: AcmeOrder, made: Draft) -> CertificateRequest:
    """Make it the order's, if it has no CSR that can be used; inside a commit."""
    if request := usable(order.certificate_request):
        return request  # another process was here first
    key, strategy = made.key.store()
    csr = made.csr if key.key_pem == made.key.pem else new_csr(ctx, order, key.key_pem)
    order.private_key = key
    order.private_key_strategy__final = strategy
    order.certificate_request = insert_request(ctx, order, csr)
    for counting in (key, order.acme_account):
        one_more(counting, "count_acme_orders", "timestamp_last_certificate_request", ctx.now)
    return order.certificate_request


def usable(request: CertificateRequest | None) -> CertificateRequest | None:
    """The CSR, if its key may still be used."""
    is_usable = request and request.private_key and request.private_key.is_key_usable
    return request if is_usable else None


def insert_request(
    ctx: Context, order: AcmeOrder, parsed: x509.CertificateRequest
) -> CertificateRequest:
    request = CertificateRequest(
        timestamp_created=ctx.now,
        certificate_request_source=CertificateRequestSource.ACME_ORDER,
        csr_pem=parsed.pem,
        csr_pem_md5=md5_hex(parsed.pem),
        spki_sha256=parsed.spki_sha256,
        key_technology=parsed.key_technology,
        private_key=order.private_key,
        unique_fqdn_set=order.unique_fqdn_set,
    )
    kind = OperationsEventType
    events.created(
        ctx, kind.CERTIFICATE_REQUEST_NEW_ACME_ORDER, request, kind.CERTIFICATE_REQUEST_INSERT
    )
    return request


def download(ctx: Context, order: AcmeOrder) -> CertificateSigned:
    """RFC 8555 section 7.4.2: the certificate with every chain that the CA offers.

    Raises InvalidRequest if there is nothing to fetch, UpstreamError if what came is not the
    certificate of our CSR.
    """
    if order.acme_status_order is not OrderStatus.VALID or not order.certificate_url:
        raise InvalidRequest("This AcmeOrder is not eligible for download")
    client = client_of(ctx, order.acme_account)
    chains = acme_v2.certificates.download(
        client, order.certificate_url, alternates=order.is_save_alternate_chains
    )
    issued = accept(ctx, order, chains)
    return stored(ctx, lambda: put(ctx, order, issued))


def put(ctx: Context, order: AcmeOrder, issued: certificates.Issued) -> CertificateSigned:
    """Store the certificate, and that it is the order's; inside a commit."""
    certificate = certificates.store_issued(ctx, order, issued)
    order.certificate_signed = certificate
    order.acme_order_processing_status = ProcessingStatus.CERTIFICATE_DOWNLOADED
    order.is_processing = None
    order.error = None
    order.timestamp_updated = ctx.clock()
    leases.release(ctx, order)
    row = ctx.journal.note(Subject(AcmeEvent.CERTIFICATE_PROCURED, order.acme_account, order))
    row["certificate_request_id"] = order.certificate_request_id
    row["certificate_signed_id"] = certificate.id
    return certificate


def accept(ctx: Context, order: AcmeOrder, pems: tuple[str, ...]) -> certificates.Issued:
    """Check what the CA sent: our key, our names, one leaf, chains in order."""
    try:
        issued = certificates.read_issued(ctx, pems)
    except x509.X509Error as exc:
        raise UpstreamError(f"the CA sent a certificate that can not be used: {exc}") from exc
    request = order.certificate_request
    if request is None:
        raise UpstreamError("the CA sent a certificate, but never had a CSR from us")
    if issued.leaf.spki_sha256 != request.spki_sha256:
        raise UpstreamError("the CA sent a certificate for a key that is not the CSR's")
    if set(issued.leaf.names) != set(order.domains_as_list):
        raise UpstreamError("the CA sent a certificate for other names than the order's")
    return issued
