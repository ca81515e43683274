"""Names, the throttle of autocert, and the names that may not be ordered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .meta import DnsName, Recorded, Str255, WithId, listed, listed_if_set, ref

if TYPE_CHECKING:
    from .acme_authorization import AcmeAuthorization
    from .acme_challenge import AcmeChallenge
    from .acme_dns import AcmeDnsServerAccount
    from .acme_order import AcmeOrder, AcmeOrder2AcmeChallengeTypeSpecific
    from .certificate_signed import CertificateSigned
    from .operations import OperationsObjectEvent
    from .queue import QueueDomain
    from .unique_fqdn_set import UniqueFQDNSet2Domain


class Domain(Recorded):
    """One name, in lower case: a domain name, a wildcard or an IP address."""

    __tablename__ = "domain"
    __table_args__ = (
        CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),
        *listed("is_active"),
        *listed_if_set(
            "certificate_signed_id__latest_single", "certificate_signed_id__latest_multi"
        ),
    )

    domain_name: Mapped[DnsName] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    timestamp_created: Mapped[datetime]
    is_from_queue_domain: Mapped[bool | None]
    # The active certificate that ends last, for this name alone and among others.
    certificate_signed_id__latest_single: Mapped[int | None] = ref("certificate_signed")
    certificate_signed_id__latest_multi: Mapped[int | None] = ref("certificate_signed")

    acme_authorizations: Mapped[list[AcmeAuthorization]] = relationship(
        order_by="AcmeAuthorization.id.desc()", viewonly=True
    )
    acme_challenges: Mapped[list[AcmeChallenge]] = relationship(
        order_by="AcmeChallenge.id", viewonly=True
    )
    acme_dns_server_accounts: Mapped[list[AcmeDnsServerAccount]] = relationship(
        order_by="AcmeDnsServerAccount.id", viewonly=True
    )
    acme_order_2_acme_challenge_type_specifics: Mapped[
        list[AcmeOrder2AcmeChallengeTypeSpecific]
    ] = relationship(order_by="AcmeOrder2AcmeChallengeTypeSpecific.acme_order_id", viewonly=True)
    certificate_signed__latest_single: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id__latest_single], viewonly=True
    )
    certificate_signed__latest_multi: Mapped[CertificateSigned | None] = relationship(
        foreign_keys=[certificate_signed_id__latest_multi], viewonly=True
    )
    domain_autocerts: Mapped[list[DomainAutocert]] = relationship(
        order_by="DomainAutocert.id", viewonly=True
    )
    queue_domains: Mapped[list[QueueDomain]] = relationship(
        order_by="QueueDomain.id", viewonly=True
    )
    to_fqdns: Mapped[list[UniqueFQDNSet2Domain]] = relationship(
        order_by="UniqueFQDNSet2Domain.unique_fqdn_set_id", viewonly=True
    )
    operations_object_events: Mapped[list[OperationsObjectEvent]] = relationship(
        order_by="OperationsObjectEvent.id", viewonly=True
    )

    @property
    def acme_dns_server_account__active(self) -> AcmeDnsServerAccount | None:
        """The newest active one: a domain may have one at each of several servers."""
        active = [a for a in self.acme_dns_server_accounts if a.is_active]
        return active[-1] if active else None

    @property
    def queue_domain(self) -> QueueDomain | None:
        return self.queue_domains[-1] if self.queue_domains else None

    @property
    def has_active_certificates(self) -> bool:
        single = self.certificate_signed_id__latest_single
        return single is not None or self.certificate_signed_id__latest_multi is not None


class DomainAutocert(WithId):
    """One run of autocert for a domain."""

    __tablename__ = "domain_autocert"
    __table_args__ = (
        *listed("domain_id"),
        *listed_if_set("acme_order_id"),
        Index(None, "domain_id", "timestamp_created"),
        Index(None, "timestamp_created"),
    )

    domain_id: Mapped[int] = ref("domain")
    timestamp_created: Mapped[datetime]
    timestamp_finished: Mapped[datetime | None]
    is_successful: Mapped[bool | None]  # None while it runs
    acme_order_id: Mapped[int | None] = ref("acme_order")
    lease_owner: Mapped[Str255 | None]  # while it runs, whose work it is: actions/leases

    acme_order: Mapped[AcmeOrder | None] = relationship()
    domain: Mapped[Domain] = relationship()


class DomainBlocklisted(WithId):
    """A name that is never ordered."""

    __tablename__ = "domain_blocklisted"
    __table_args__ = (CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),)

    domain_name: Mapped[DnsName] = mapped_column(unique=True)
