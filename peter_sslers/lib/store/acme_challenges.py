"""Challenges: found by what a CA fetches, listed, and counted as competitors."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import joinedload

from ...enums import ChallengeStatus, ChallengeType
from ...model import (
    AcmeAccount,
    AcmeAuthorization,
    AcmeChallenge,
    AcmeOrder,
    AcmeOrder2AcmeAuthorization,
    AcmeOrderless,
    Domain,
)
from ...model.acme_authorization import POSSIBLY_PENDING
from ...model.acme_challenge import POSSIBLY_ACTIVE, PROCESSING, RESOLVED
from ...model.acme_order import BLOCKING

SHOWN = (joinedload(AcmeChallenge.domain), joinedload(AcmeChallenge.acme_authorization))
FOCUS = (
    joinedload(AcmeChallenge.domain).selectinload(Domain.acme_dns_server_accounts),
    joinedload(AcmeChallenge.acme_authorization)
    .selectinload(AcmeAuthorization.to_acme_orders)
    .joinedload(AcmeOrder2AcmeAuthorization.acme_order)
    .selectinload(AcmeOrder.acme_order_2_acme_challenge_type_specifics),
    joinedload(AcmeChallenge.acme_orderless),
)
UNTRIGGERED = POSSIBLY_ACTIVE - PROCESSING
_STATUS: dict[str, frozenset[ChallengeStatus]] = {
    "active": POSSIBLY_ACTIVE,
    "resolved": RESOLVED,
    "processing": PROCESSING,
}


def every() -> Select[AcmeChallenge]:
    return select(AcmeChallenge).options(*SHOWN)


def with_status(query: Select[AcmeChallenge], status: str) -> Select[AcmeChallenge]:
    """The words of `?status=`: `active`, `resolved`, `processing`; any other lets all through."""
    if status not in _STATUS:
        return query
    return query.where(AcmeChallenge.acme_status_challenge.in_(_STATUS[status]))


def by_url(challenge_url: str) -> Select[AcmeChallenge]:
    return every().where(AcmeChallenge.challenge_url == challenge_url)


def of_authorization(authorization: AcmeAuthorization) -> Select[AcmeChallenge]:
    return every().where(AcmeChallenge.acme_authorization_id == authorization.id)


def of_domain(domain: Domain) -> Select[AcmeChallenge]:
    return every().where(AcmeChallenge.domain_id == domain.id)


def active_on_names(names: Collection[str]) -> Select[str, ChallengeType]:
    """(name, type) of each challenge that another order of one of the names would disturb.

    A wildcard is proved at its parent's DNS record, so that the two stand in one another's way.
    """
    both = {*names, *(f"*.{name}" for name in names)}
    return (
        select(Domain.domain_name, AcmeChallenge.acme_challenge_type)
        .join(Domain, Domain.id == AcmeChallenge.domain_id)
        .where(Domain.domain_name.in_(both), _may_be_asked_for())
        .distinct()
        .order_by(Domain.domain_name, AcmeChallenge.acme_challenge_type)
    )


@cache
def _may_be_asked_for() -> ColumnElement[bool]:
    """Of an order that the CA has not decided, or of an orderless one that is not closed."""
    in_open_order = (
        exists()
        .where(
            AcmeAuthorization.id == AcmeChallenge.acme_authorization_id,
            AcmeAuthorization.acme_status_authorization.in_(POSSIBLY_PENDING),
            AcmeOrder2AcmeAuthorization.acme_authorization_id == AcmeAuthorization.id,
            AcmeOrder.id == AcmeOrder2AcmeAuthorization.acme_order_id,
            AcmeOrder.acme_status_order.in_(BLOCKING),
            AcmeChallenge.acme_status_challenge.in_(POSSIBLY_ACTIVE),
        )
        .correlate(AcmeChallenge)
    )
    in_open_orderless = (
        exists()
        .where(
            AcmeOrderless.id == AcmeChallenge.acme_orderless_id,
            AcmeOrderless.is_processing.is_(True),
        )
        .correlate(AcmeChallenge)
    )
    return or_(in_open_order, in_open_orderless)


def rivals_of(domain: Domain, authorization: AcmeAuthorization) -> Select[int, ChallengeType]:
    """(id, type) of what may still be asked for on a name, but for its new authorization's own."""
    return select(AcmeChallenge.id, AcmeChallenge.acme_challenge_type).where(
        AcmeChallenge.domain_id == domain.id,
        AcmeChallenge.acme_authorization_id.is_distinct_from(authorization.id),
        _may_be_asked_for(),
    )


def untriggered_of_account(account: AcmeAccount) -> Select[AcmeChallenge]:
    """Those of the account that the CA was not told yet to look at."""
    return (
        select(AcmeChallenge)
        .join(AcmeAuthorization, AcmeAuthorization.id == AcmeChallenge.acme_authorization_id)
        .join(AcmeOrder, AcmeOrder.id == AcmeAuthorization.acme_order_id__created)
        .where(
            AcmeOrder.acme_account_id == account.id,
            AcmeAuthorization.acme_status_authorization.in_(POSSIBLY_PENDING),
            AcmeChallenge.acme_status_challenge.in_(UNTRIGGERED),
        )
    )
