"""Which certificate is a domain's latest: one set-based statement for any number of domains."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, select, update

from ...model import CertificateSigned, Domain, UniqueFQDNSet2Domain
from ..context import Context


def latest(single: bool) -> ScalarSelect[int]:
    """The active certificate of the outer query's domain that ends last; of equals the newest."""
    return (
        select(CertificateSigned.id)
        .join(
            UniqueFQDNSet2Domain,
            UniqueFQDNSet2Domain.unique_fqdn_set_id == CertificateSigned.unique_fqdn_set_id,
        )
        .where(
            UniqueFQDNSet2Domain.domain_id == Domain.id,
            CertificateSigned.is_active.is_(True),
            CertificateSigned.is_single_domain_cert.is_(single),
        )
        .order_by(CertificateSigned.timestamp_not_after.desc(), CertificateSigned.id.desc())
        .limit(1)
        .correlate(Domain)
        .scalar_subquery()
    )


def update_domains(ctx: Context, domain_ids: Sequence[int]) -> None:
    """Recompute both pointers of some domains; inside a commit."""
    ctx.db.flush()
    ctx.db.execute(
        update(Domain)
        .where(Domain.id.in_(domain_ids))
        .values(
            certificate_signed_id__latest_single=latest(single=True),
            certificate_signed_id__latest_multi=latest(single=False),
        )
        .execution_options(synchronize_session=False)
    )
