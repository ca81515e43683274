"""What exists: every table is imported here, so that relations find one another by name."""

from .acme_account import AcmeAccount, AcmeAccountKey, AcmeAccountProvider
from .acme_authorization import AcmeAuthorization
from .acme_challenge import (
    AcmeChallenge,
    AcmeChallengeCompeting,
    AcmeChallengeCompeting2AcmeChallenge,
    AcmeChallengePoll,
    AcmeChallengeUnknownPoll,
)
from .acme_dns import AcmeDnsServer, AcmeDnsServerAccount
from .acme_event_log import AcmeEventLog
from .acme_order import (
    AcmeOrder,
    AcmeOrder2AcmeAuthorization,
    AcmeOrder2AcmeChallengeTypeSpecific,
    AcmeOrderSubmission,
)
from .acme_orderless import AcmeOrderless
from .acme_usage import AcmeAccountRequestCount, AcmeRateLimit
from .certificate_ca import (
    CertificateCA,
    CertificateCAChain,
    CertificateCAPreference,
    CertificateCAReconciliation,
)
from .certificate_request import CertificateRequest
from .certificate_signed import CertificateSigned, CertificateSignedChain
from .coverage_assurance import CoverageAssuranceEvent
from .domain import Domain, DomainAutocert, DomainBlocklisted
from .meta import Base
from .operations import OperationsEvent, OperationsObjectEvent
from .private_key import PrivateKey
from .queue import QueueCertificate, QueueDomain
from .remote_ip_address import RemoteIpAddress
from .root_store import RootStore, RootStoreVersion, RootStoreVersion_2_CertificateCA
from .unique_fqdn_set import UniqueFQDNSet, UniqueFQDNSet2Domain

__all__ = [
    "AcmeAccount",
    "AcmeAccountKey",
    "AcmeAccountProvider",
    "AcmeAccountRequestCount",
    "AcmeAuthorization",
    "AcmeChallenge",
    "AcmeChallengeCompeting",
    "AcmeChallengeCompeting2AcmeChallenge",
    "AcmeChallengePoll",
    "AcmeChallengeUnknownPoll",
    "AcmeDnsServer",
    "AcmeDnsServerAccount",
    "AcmeEventLog",
    "AcmeOrder",
    "AcmeOrder2AcmeAuthorization",
    "AcmeOrder2AcmeChallengeTypeSpecific",
    "AcmeOrderSubmission",
    "AcmeOrderless",
    "AcmeRateLimit",
    "Base",
    "CertificateCA",
    "CertificateCAChain",
    "CertificateCAPreference",
    "CertificateCAReconciliation",
    "CertificateRequest",
    "CertificateSigned",
    "CertificateSignedChain",
    "CoverageAssuranceEvent",
    "Domain",
    "DomainAutocert",
    "DomainBlocklisted",
    "OperationsEvent",
    "OperationsObjectEvent",
    "PrivateKey",
    "QueueCertificate",
    "QueueDomain",
    "RemoteIpAddress",
    "RootStore",
    "RootStoreVersion",
    "RootStoreVersion_2_CertificateCA",
    "UniqueFQDNSet",
    "UniqueFQDNSet2Domain",
]
