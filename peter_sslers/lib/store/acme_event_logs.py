"""The log of what we asked of ACME servers."""

from __future__ import annotations

from sqlalchemy import Select, select

from ...model import AcmeAccount, AcmeEventLog, AcmeOrder


def every() -> Select[AcmeEventLog]:
    return select(AcmeEventLog)


def of_order(order: AcmeOrder) -> Select[AcmeEventLog]:
    return every().where(AcmeEventLog.acme_order_id == order.id)


def of_account(account: AcmeAccount) -> Select[AcmeEventLog]:
    return every().where(AcmeEventLog.acme_account_id == account.id)
