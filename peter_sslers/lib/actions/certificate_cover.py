"""What follows for the names when certificates begin or cease to be active."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...enums import OperationsEventType
from ...model import CertificateSigned, UniqueFQDNSet2Domain
from ..context import Context
from ..database import chunks
from ..store import events
from . import recents


def begun(ctx: Context, certificates: Sequence[CertificateSigned]) -> None:
    """Inside of the commit that makes them active."""
    point_anew(ctx, certificates)


def ceased(ctx: Context, certificates: Sequence[CertificateSigned]) -> None:
    """Inside of the commit in which they cease to be active, by a mark or by revocation.

    Every way to take a certificate out of use ends here, but for its end
    (`maintenance.deactivate_expired`): this is where replacements are called for.
    """
    point_anew(ctx, certificates)


def point_anew(ctx: Context, certificates: Sequence[CertificateSigned]) -> None:
    """Give every name of the certificates its latest ones."""
    sets = sorted({certificate.unique_fqdn_set_id for certificate in certificates})
    ids: set[int] = set()
    for some in chunks(sets):
        ids |= set(
            ctx.db.scalars(
                select(UniqueFQDNSet2Domain.domain_id).where(
                    UniqueFQDNSet2Domain.unique_fqdn_set_id.in_(some)
                )
            )
        )
    domains = sorted(ids)
    for some in chunks(domains):
        recents.update_domains(ctx, some)
    event = events.record(ctx, OperationsEventType.OPERATIONS_UPDATE_RECENTS_DOMAINS)
    events.describe(event, {"domain.ids": domains, "unique_fqdn_set.ids": sets})
