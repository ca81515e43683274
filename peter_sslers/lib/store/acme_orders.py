"""Orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ...enums import OrderStatus
from ...model import (
    AcmeAccount,
    AcmeAuthorization,
    AcmeOrder,
    AcmeOrder2AcmeAuthorization,
    AcmeOrder2AcmeChallengeTypeSpecific,
    CertificateRequest,
    CertificateSigned,
    Domain,
    PrivateKey,
    UniqueFQDNSet,
    UniqueFQDNSet2Domain,
)
from ...model.acme_order import ACTIVE, FINISHED
from . import unique_fqdn_sets

_AUTHORIZATION = selectinload(AcmeOrder.to_acme_authorizations).joinedload(
    AcmeOrder2AcmeAuthorization.acme_authorization
)
SHOWN = (
    joinedload(AcmeOrder.acme_account).selectinload(AcmeAccount.acme_account_key),
    joinedload(AcmeOrder.private_key),
    joinedload(AcmeOrder.unique_fqdn_set)
    .selectinload(UniqueFQDNSet.to_domains)
    .joinedload(UniqueFQDNSet2Domain.domain),
    selectinload(AcmeOrder.acme_order_2_acme_challenge_type_specifics).joinedload(
        AcmeOrder2AcmeChallengeTypeSpecific.domain
    ),
    _AUTHORIZATION.joinedload(AcmeAuthorization.domain),
    _AUTHORIZATION.selectinload(AcmeAuthorization.acme_challenges),
    # A list links to it; its PEM is another page's.
    joinedload(AcmeOrder.certificate_signed).load_only(CertificateSigned.id),
)


def every() -> Select[AcmeOrder]:
    return select(AcmeOrder).options(*SHOWN)


def active() -> Select[AcmeOrder]:
    return every().where(AcmeOrder.acme_status_order.in_(ACTIVE))


def finished() -> Select[AcmeOrder]:
    return every().where(AcmeOrder.acme_status_order.in_(FINISHED))


def with_status(status: OrderStatus) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.acme_status_order == status)


def by_url(order_url: str) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.order_url == order_url)


def of_account(account: AcmeAccount) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.acme_account_id == account.id)


def of_private_key(key: PrivateKey) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.private_key_id == key.id)


def of_certificate_request(request: CertificateRequest) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.certificate_request_id == request.id)


def of_certificate_signed(certificate: CertificateSigned) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.certificate_signed_id == certificate.id)


def of_unique_fqdn_set(fqdns: UniqueFQDNSet) -> Select[AcmeOrder]:
    return every().where(AcmeOrder.unique_fqdn_set_id == fqdns.id)


def held_of_unique_fqdn_set(fqdns: UniqueFQDNSet, now: datetime) -> Select[AcmeOrder]:
    """Those whose lease has not ended; its owner may be dead."""
    return of_unique_fqdn_set(fqdns).where(
        AcmeOrder.lease_owner.is_not(None), AcmeOrder.lease_until >= now
    )


def of_domain(domain: Domain) -> Select[AcmeOrder]:
    """Of any set of names that holds the domain."""
    return every().where(AcmeOrder.unique_fqdn_set_id.in_(unique_fqdn_sets.ids_of_domain(domain)))


def of_authorization(authorization: AcmeAuthorization) -> Select[AcmeOrder]:
    links = select(AcmeOrder2AcmeAuthorization.acme_order_id).where(
        AcmeOrder2AcmeAuthorization.acme_authorization_id == authorization.id
    )
    return every().where(AcmeOrder.id.in_(links))
