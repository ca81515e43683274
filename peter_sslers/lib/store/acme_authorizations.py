"""Authorizations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ...model import (
    AcmeAccount,
    AcmeAuthorization,
    AcmeOrder,
    AcmeOrder2AcmeAuthorization,
    Domain,
)
from ...model.acme_authorization import POSSIBLY_PENDING

SHOWN = (
    joinedload(AcmeAuthorization.domain),
    selectinload(AcmeAuthorization.acme_challenges),
)
FOCUS = (
    *SHOWN,
    selectinload(AcmeAuthorization.to_acme_orders)
    .joinedload(AcmeOrder2AcmeAuthorization.acme_order)
    .selectinload(AcmeOrder.acme_order_2_acme_challenge_type_specifics),
)


def every() -> Select[AcmeAuthorization]:
    return select(AcmeAuthorization).options(*SHOWN)


def pending(query: Select[AcmeAuthorization]) -> Select[AcmeAuthorization]:
    return query.where(AcmeAuthorization.acme_status_authorization.in_(POSSIBLY_PENDING))


def with_status(
    query: Select[AcmeAuthorization], status: str, now: datetime
) -> Select[AcmeAuthorization]:
    """The words of `?status=`: `active`, `active-expired`; any other lets all through."""
    if status == "active":
        return pending(query)
    if status == "active-expired":
        return pending(query).where(AcmeAuthorization.timestamp_expires < now)
    return query


def by_url(authorization_url: str) -> Select[AcmeAuthorization]:
    return every().where(AcmeAuthorization.authorization_url == authorization_url)


def of_account(account: AcmeAccount) -> Select[AcmeAuthorization]:
    """Of any order of the account; an authorization of theirs is never in another's order."""
    orders = select(AcmeOrder.id).where(AcmeOrder.acme_account_id == account.id)
    return every().where(AcmeAuthorization.acme_order_id__created.in_(orders))


def of_order(order: AcmeOrder) -> Select[AcmeAuthorization]:
    links = select(AcmeOrder2AcmeAuthorization.acme_authorization_id).where(
        AcmeOrder2AcmeAuthorization.acme_order_id == order.id
    )
    return every().where(AcmeAuthorization.id.in_(links))


def of_domain(domain: Domain) -> Select[AcmeAuthorization]:
    return every().where(AcmeAuthorization.domain_id == domain.id)
