"""When a CA wants a certificate renewed, and telling it which certificate an order replaces."""

from __future__ import annotations

import logging
from datetime import timedelta

from ...errors import InvalidRequest, UpstreamError
from ...model import AcmeAccount, AcmeOrder, CertificateSigned
from .. import acme_v2
from ..acme_v2.server import Watch
from ..context import Context
from . import rate_limits, retries
from .acme import server_of

log = logging.getLogger(__name__)

# What servers answer to a `replaces` that they do not like: RFC 9773 section 5 has 409, and what
# they say of a certificate that they can not find or do not count as the account's.
REFUSALS = frozenset({"alreadyReplaced", "malformed", "unauthorized"})


def account_of(certificate: CertificateSigned) -> AcmeAccount:
    """Whose CA has issued it. Raises InvalidRequest for one that came from elsewhere."""
    account = certificate.acme_account
    if account is None:
        raise InvalidRequest(
            f"CertificateSigned {certificate.id} belongs to no AcmeOrder: its CA is not known"
        )
    return account


def identifier(ctx: Context, certificate: CertificateSigned) -> str:
    """Its name at the CA: RFC 9773 section 4.1. Raises InvalidRequest if it can have none."""
    parsed = ctx.x509.certificate(certificate.cert_pem)
    if not parsed.authority_key_identifier:
        raise InvalidRequest(
            f"CertificateSigned {certificate.id} does not say which key has signed it"
        )
    return acme_v2.renewal_info.certificate_id(parsed.authority_key_identifier, parsed.serial)


def refresh(ctx: Context, certificate: CertificateSigned) -> None:
    """Ask the CA for the window in which it wants the certificate renewed, and store it.

    Raises InvalidRequest where there is nothing to ask, UpstreamError for what the CA said; then
    the window stays as it was, and the next time to ask is that of RFC 9773 section 4.3.3.
    """
    account = account_of(certificate)
    server = server_of(ctx, account.acme_account_provider)
    watch = Watch(ctx.outside, rate_limits.listener(ctx, account))
    if not acme_v2.renewal_info.offered(server, watch):
        raise InvalidRequest(
            f"AcmeAccountProvider {account.acme_account_provider.name} offers no renewal "
            "information"
        )
    name = identifier(ctx, certificate)
    try:
        said = acme_v2.renewal_info.fetch(server, name, watch)
    except UpstreamError:
        again_s = acme_v2.renewal_info.USUAL_S
        with ctx.commit():
            certificate.timestamp_ari_retry_after = ctx.clock() + timedelta(seconds=again_s)
        raise
    with ctx.commit():
        certificate.timestamp_ari_window_start = said.start
        certificate.timestamp_ari_window_end = said.end
        certificate.timestamp_ari_retry_after = ctx.clock() + timedelta(seconds=said.again_s)
        certificate.ari_explanation_url = said.explanation_url


def replaced_by(ctx: Context, order: AcmeOrder) -> str | None:
    """What newOrder says as `replaces`: RFC 9773 section 5. None for what is no renewal.

    Also None for a certificate of another CA, and where the CA has no renewal information.
    """
    former = retries.renewed_by(order)
    certificate = former.certificate_signed if former else None
    provider = order.acme_account.acme_account_provider
    if former is None or certificate is None:
        return None
    if former.acme_account.acme_account_provider_id != provider.id:
        return None
    ctx.outside()
    if not acme_v2.renewal_info.offered(server_of(ctx, provider)):
        return None
    try:
        return identifier(ctx, certificate)
    except InvalidRequest as exc:
        log.info("AcmeOrder %s is sent as a new one: %s", order.id, exc)
        return None


def is_refused(exc: acme_v2.Problem) -> bool:
    """Whether `replaces` can be what the server does not like; the order may still be all right."""
    if isinstance(exc, acme_v2.RateLimited | acme_v2.BadNonce):
        return False
    return exc.code in {404, 409} or exc.type in REFUSALS
