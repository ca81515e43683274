"""Challenges put in by hand."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from ...model import AcmeAccount, AcmeChallenge, AcmeOrderless, Domain

SHOWN = (selectinload(AcmeOrderless.acme_challenges).joinedload(AcmeChallenge.domain),)


def every() -> Select[AcmeOrderless]:
    return select(AcmeOrderless).options(*SHOWN)


def of_account(account: AcmeAccount) -> Select[AcmeOrderless]:
    return every().where(AcmeOrderless.acme_account_id == account.id)


def of_domain(domain: Domain) -> Select[AcmeOrderless]:
    """With a challenge for the domain."""
    held = select(AcmeChallenge.acme_orderless_id).where(
        AcmeChallenge.domain_id == domain.id, AcmeChallenge.acme_orderless_id.is_not(None)
    )
    return every().where(AcmeOrderless.id.in_(held))
