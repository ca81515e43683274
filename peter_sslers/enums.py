"""The words that the protocol, the tables and the pages share. They are stored as words."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    """RFC 8555 section 7.1.6, and our own words in stars."""

    DISCOVERED = "*discovered*"
    PENDING = "pending"
    VALID = "valid"
    INVALID = "invalid"
    PROCESSING = "processing"
    READY = "ready"
    DEACTIVATED = "deactivated"  # not RFC 8555: Boulder and Pebble have said it
    GONE = "*404*"  # the server does not know the URL
    UNKNOWN = "*406*"  # the server said a word that we do not know
    DROPPED = "*410*"


class AuthorizationStatus(StrEnum):
    """RFC 8555 section 7.1.6, and our own words in stars."""

    DISCOVERED = "*discovered*"  # we know the URL and have never read it
    PENDING = "pending"
    VALID = "valid"
    INVALID = "invalid"
    DEACTIVATED = "deactivated"
    EXPIRED = "expired"
    REVOKED = "revoked"
    GONE = "*404*"
    UNKNOWN = "*406*"


class ChallengeStatus(StrEnum):
    """RFC 8555 section 7.1.6, and our own words in stars."""

    DISCOVERED = "*discovered*"
    PENDING = "pending"
    PROCESSING = "processing"
    VALID = "valid"
    INVALID = "invalid"
    GONE = "*404*"
    UNKNOWN = "*406*"
    DROPPED = "*410*"  # its authorization does not list it any more


class OrderType(StrEnum):
    NEW = "ACME Automated (New)"
    RETRY = "ACME Automated (Retry)"
    RENEW_QUICK = "ACME Automated (Renew Quick)"
    RENEW_CUSTOM = "ACME Automated (Renew Custom)"
    CERTIFICATE_IF_NEEDED = "ACME Automated (New - Certificate if Needed)"
    QUEUE_CERTIFICATE = "Queue - Certificate Renewal"
    QUEUE_DOMAINS = "Queue - Domains"


class ProcessingStrategy(StrEnum):
    """How much of an order one request does."""

    CREATE_ORDER = "create_order"
    PROCESS_SINGLE = "process_single"
    PROCESS_MULTI = "process_multi"


class ProcessingStatus(StrEnum):
    """How far we have come with an order."""

    CREATED_LOCAL = "created_local"  # a row; the server may not know it yet
    CREATED_ACME = "created_acme"
    PROCESSING_STARTED = "processing_started"
    COMPLETED_SUCCESS = "processing_completed_success"
    COMPLETED_FAILURE = "processing_completed_failure"
    ORDER_FINALIZED = "order_finalized"
    CERTIFICATE_DOWNLOADED = "certificate_downloaded"
    DEACTIVATED = "processing_deactivated"


class ChallengeType(StrEnum):
    HTTP_01 = "http-01"  # RFC 8555 section 8.3
    DNS_01 = "dns-01"  # RFC 8555 section 8.4
    TLS_ALPN_01 = "tls-alpn-01"  # RFC 8737


class ChallengeFailType(StrEnum):
    SETUP_PREVALIDATION = "setup-prevalidation"
    UPSTREAM_VALIDATION = "upstream-validation"


class AcmeEvent(StrEnum):
    """What a row of the AcmeEventLog says that we asked of the ACME server."""

    NEW_ACCOUNT = "v2|newAccount"
    NEW_ORDER = "v2|newOrder"
    AUTHORIZATION_REQUEST = "v2|-authorization-request"
    CHALLENGE_TRIGGER = "v2|-challenge-trigger"
    ORDER_FINALIZE = "v2|Order-finalize"
    ORDER_LOCATION = "v2|-order-location"
    CHALLENGE_PASS = "v2|-challenge-pass"
    CHALLENGE_FAIL = "v2|-challenge-fail"
    CERTIFICATE_PROCURED = "v2|Certificate-procured"
    CERTIFICATE_REVOKE = "v2|Certificate-revoke"
    CHALLENGE_POST_AS_GET = "v2|-challenge-PostAsGet"
    AUTHORIZATION_DEACTIVATE = "v2|-authorization-deactivate"
    ACCOUNT_DEACTIVATE = "v2|Account-deactivate"
    KEY_CHANGE = "v2|keyChange"
    ACCOUNT_REQUEST = "v2|-account-request"
    ACCOUNT_UPDATE = "v2|Account-update"


class AccountKeySource(StrEnum):
    GENERATED = "generated"
    IMPORTED = "imported"


class PrivateKeySource(StrEnum):
    PLACEHOLDER = "placeholder"
    GENERATED = "generated"
    IMPORTED = "imported"


class PrivateKeyType(StrEnum):
    PLACEHOLDER = "placeholder"
    STANDARD = "standard"
    SINGLE_CERTIFICATE = "single_certificate"
    GLOBAL_DAILY = "global_daily"
    GLOBAL_WEEKLY = "global_weekly"
    ACCOUNT_DAILY = "account_daily"
    ACCOUNT_WEEKLY = "account_weekly"


class PrivateKeyCycle(StrEnum):
    """When a new key is made for certificates. The last word is for orders only."""

    SINGLE_CERTIFICATE = "single_certificate"
    ACCOUNT_DAILY = "account_daily"
    GLOBAL_DAILY = "global_daily"
    ACCOUNT_WEEKLY = "account_weekly"
    GLOBAL_WEEKLY = "global_weekly"
    ACCOUNT_KEY_DEFAULT = "account_key_default"


ACCOUNT_CYCLES = tuple(c for c in PrivateKeyCycle if c is not PrivateKeyCycle.ACCOUNT_KEY_DEFAULT)


class PrivateKeyStrategy(StrEnum):
    """How an order comes to its key."""

    SPECIFIED = "specified"
    DEFERRED_GENERATE = "deferred-generate"
    DEFERRED_ASSOCIATE = "deferred-associate"
    BACKUP = "backup"  # the key asked for was unusable, the account's cycle gave another


class KeyTechnology(StrEnum):
    RSA = "RSA"
    EC = "EC"


class RevocationReason(StrEnum):
    """RFC 5280 section 5.3.1; which of them it takes, each CA says for itself."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"
    REMOVE_FROM_CRL = "removeFromCRL"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"
    AA_COMPROMISE = "aACompromise"

    @property
    def code(self) -> int:
        number = list(RevocationReason).index(self)
        return number if number < 7 else number + 1  # there is no 7


class CertificateRequestSource(StrEnum):
    IMPORTED = "imported"
    ACME_ORDER = "acme_order"


class CoverageAssuranceEventType(StrEnum):
    PRIVATE_KEY_COMPROMISED_MARK = "PrivateKey_compromised_mark"
    PRIVATE_KEY_COMPROMISED_ACME = "PrivateKey_compromised_acme"
    CERTIFICATE_SIGNED_REVOKED_MARK = "CertificateSigned_revoked_mark"
    CERTIFICATE_SIGNED_REVOKED_ACME = "CertificateSigned_revoked_acme"
    ACCOUNT_KEY_REVOKED_MARK = "AccountKey_revoked_mark"
    ACCOUNT_KEY_REVOKED_ACME = "AccountKey_revoked_acme"
    QUEUE_CERTIFICATE_NO_ACCOUNT_KEY = "QueueCertificate_no_account_key"


class CoverageAssuranceEventStatus(StrEnum):
    REPORTED = "reported"
    REPORTED_DEACTIVATED = "reported+deactivated"
    RESOLVED_IGNORED = "resolved-ignored"
    RESOLVED_REPLACED = "resolved-replaced"


class CoverageAssuranceResolution(StrEnum):
    UNRESOLVED = "unresolved"
    ABANDONED = "abandoned"
    PRIVATE_KEY_REPLACED = "PrivateKey_replaced"
    CERTIFICATE_SIGNED_REPLACED = "CertificateSigned_replaced"


class OperationsEventType(StrEnum):
    """What the operations log says was done, and what it did to an object."""

    DATABASE_INITIALIZATION = "_DatabaseInitialization"
    ACME_ACCOUNT_INSERT = "AcmeAccount__insert"
    ACME_ACCOUNT_CREATE = "AcmeAccount__create"
    ACME_ACCOUNT_DEACTIVATE = "AcmeAccount__deactivate"
    ACME_ACCOUNT_KEY_CHANGE = "AcmeAccount__key_change"
    ACME_ACCOUNT_AUTHENTICATE = "AcmeAccount__authenticate"
    ACME_ACCOUNT_MARK = "AcmeAccount__mark"
    ACME_ACCOUNT_MARK_ACTIVE = "AcmeAccount__mark__active"
    ACME_ACCOUNT_MARK_INACTIVE = "AcmeAccount__mark__inactive"
    ACME_ACCOUNT_MARK_DEFAULT = "AcmeAccount__mark__default"
    ACME_ACCOUNT_MARK_NOTDEFAULT = "AcmeAccount__mark__notdefault"
    ACME_ACCOUNT_EDIT = "AcmeAccount__edit"
    ACME_ACCOUNT_EDIT_PRIVATE_KEY_CYCLE = "AcmeAccount__edit__private_key_cycle"
    ACME_ACCOUNT_EDIT_ACME_ACCOUNT_KEY = "AcmeAccount__edit_AcmeAccountKey"
    ACME_ACCOUNT_EDIT_PRIVATE_KEY_TECHNOLOGY = "AcmeAccount__edit__private_key_technology"
    ACME_ACCOUNT_MARK_DEACTIVATED = "AcmeAccount__mark__deactivated"
    ACME_ACCOUNT_KEY_INSERT = "AcmeAccountKey__insert"
    ACME_ACCOUNT_KEY_CREATE = "AcmeAccountKey__create"
    ACME_ACCOUNT_KEY_MARK_INACTIVE = "AcmeAccountKey__mark__inactive"
    CERTIFICATE_CA_LETSENCRYPT_SYNC = "CertificateCA__letsencrypt_sync"
    CERTIFICATE_CA_INSERT = "CertificateCA__insert"
    CERTIFICATE_CA_CHAIN_INSERT = "CertificateCAChain__insert"
    PRIVATE_KEY_INSERT = "PrivateKey__insert"
    PRIVATE_KEY_GENERATE = "PrivateKey__generate"
    PRIVATE_KEY_MARK = "PrivateKey__mark"
    PRIVATE_KEY_MARK_ACTIVE = "PrivateKey__mark__active"
    PRIVATE_KEY_MARK_INACTIVE = "PrivateKey__mark__inactive"
    PRIVATE_KEY_MARK_COMPROMISED = "PrivateKey__mark__compromised"
    PRIVATE_KEY_MARK_DEFAULT = "PrivateKey__mark__default"
    PRIVATE_KEY_MARK_NOTDEFAULT = "PrivateKey__mark__notdefault"
    PRIVATE_KEY_REVOKE = "PrivateKey__revoke"
    PRIVATE_KEY_INSERT_AUTOGENERATED_CALENDAR = "PrivateKey__insert_autogenerated_calendar"
    DOMAIN_INSERT = "Domain__insert"
    DOMAIN_MARK = "Domain__mark"
    DOMAIN_MARK_ACTIVE = "Domain__mark__active"
    DOMAIN_MARK_INACTIVE = "Domain__mark__inactive"
    UNIQUE_FQDN_SET_INSERT = "UniqueFQDNSet__insert"
    CERTIFICATE_REQUEST_INSERT = "CertificateRequest__insert"
    CERTIFICATE_REQUEST_NEW = "CertificateRequest__new"
    CERTIFICATE_REQUEST_NEW_IMPORTED = "CertificateRequest__new__imported"
    CERTIFICATE_REQUEST_NEW_ACME_ORDER = "CertificateRequest__new__acme_order"
    ACME_ORDER_NEW_AUTOMATED = "AcmeOrder_New_Automated"
    ACME_ORDER_NEW_RETRY = "AcmeOrder_New_Retry"
    ACME_ORDER_RENEW_CUSTOM = "AcmeOrder_Renew_Custom"
    ACME_ORDER_RENEW_QUICK = "AcmeOrder_Renew_Quick"
    ACME_ORDER_MARK_RENEW_AUTO = "AcmeOrder__mark__renew_auto"
    ACME_ORDER_MARK_RENEW_MANUAL = "AcmeOrder__mark__renew_manual"
    CERTIFICATE_SIGNED_INSERT = "CertificateSigned__insert"
    CERTIFICATE_SIGNED_MARK = "CertificateSigned__mark"
    CERTIFICATE_SIGNED_MARK_ACTIVE = "CertificateSigned__mark__active"
    CERTIFICATE_SIGNED_MARK_INACTIVE = "CertificateSigned__mark__inactive"
    CERTIFICATE_SIGNED_MARK_REVOKED = "CertificateSigned__mark__revoked"
    CERTIFICATE_SIGNED_MARK_COMPROMISED = "CertificateSigned__mark__compromised"
    CERTIFICATE_SIGNED_MARK_UNREVOKED = "CertificateSigned__mark__unrevoked"
    CERTIFICATE_SIGNED_MARK_RENEW_AUTO = "CertificateSigned__mark__renew_auto"
    CERTIFICATE_SIGNED_MARK_RENEW_MANUAL = "CertificateSigned__mark__renew_manual"
    CERTIFICATE_SIGNED_REVOKE = "CertificateSigned__revoke"
    CERTIFICATE_SIGNED_DEACTIVATE_EXPIRED = "CertificateSigned__deactivate_expired"
    CERTIFICATE_SIGNED_DEACTIVATE_DUPLICATE = "CertificateSigned__deactivate_duplicate"
    QUEUE_DOMAIN_ADD = "QueueDomain__add"
    QUEUE_DOMAIN_ADD_SUCCESS = "QueueDomain__add__success"
    QUEUE_DOMAIN_ADD_ALREADY_QUEUED = "QueueDomain__add__already_queued"
    QUEUE_DOMAIN_ADD_ALREADY_EXISTS = "QueueDomain__add__already_exists"
    QUEUE_DOMAIN_ADD_ALREADY_EXISTS_ACTIVATE = "QueueDomain__add__already_exists_activate"
    QUEUE_DOMAIN_ADD_DOMAIN_BLOCKLISTED = "QueueDomain__add__domain_blocklisted"
    QUEUE_DOMAIN_PROCESS = "QueueDomain__process"
    QUEUE_DOMAIN_PROCESS_SUCCESS = "QueueDomain__process__success"
    QUEUE_DOMAIN_PROCESS_FAIL = "QueueDomain__process__fail"
    QUEUE_DOMAIN_MARK = "QueueDomain__mark"
    QUEUE_DOMAIN_MARK_CANCELLED = "QueueDomain__mark__cancelled"
    QUEUE_DOMAIN_MARK_ALREADY_PROCESSED = "QueueDomain__mark__already_processed"
    QUEUE_CERTIFICATE_INSERT = "QueueCertificate__insert"
    QUEUE_CERTIFICATE_UPDATE = "QueueCertificate__update"
    QUEUE_CERTIFICATE_BATCH = "QueueCertificate__batch"
    QUEUE_CERTIFICATE_MARK = "QueueCertificate__mark"
    QUEUE_CERTIFICATE_MARK_CANCELLED = "QueueCertificate__mark__cancelled"
    QUEUE_CERTIFICATE_PROCESS = "QueueCertificate__process"
    QUEUE_CERTIFICATE_PROCESS_SUCCESS = "QueueCertificate__process__success"
    QUEUE_CERTIFICATE_PROCESS_FAIL = "QueueCertificate__process__fail"
    OPERATIONS_UPDATE_RECENTS_GLOBAL = "operations__update_recents__global"
    OPERATIONS_UPDATE_RECENTS_DOMAINS = "operations__update_recents__domains"
    OPERATIONS_REDIS_PRIME = "operations__redis_prime"
    OPERATIONS_NGINX_CACHE_EXPIRE = "operations__nginx_cache_expire"
    OPERATIONS_NGINX_CACHE_FLUSH = "operations__nginx_cache_flush"
    OPERATIONS_RECONCILE_CAS = "operations__reconcile_cas"
    ACME_ACCOUNT_PROVIDER_ACTIVATE_DEFAULT = "AcmeAccountProvider__activate_default"
    ACME_ACCOUNT_PROVIDER_MARK_IS_ENABLED = "AcmeAccountProvider__mark__is_enabled"
    COVERAGE_ASSURANCE_EVENT_MARK_RESOLUTION = "CoverageAssuranceEvent__mark_resolution"
    ACME_DNS_SERVER_INSERT = "AcmeDnsServer__insert"
    ACME_DNS_SERVER_MARK = "AcmeDnsServer__mark"
    ACME_DNS_SERVER_MARK_ACTIVE = "AcmeDnsServer__mark__active"
    ACME_DNS_SERVER_MARK_INACTIVE = "AcmeDnsServer__mark__inactive"
    ACME_DNS_SERVER_MARK_DEFAULT = "AcmeDnsServer__mark__default"
    ACME_DNS_SERVER_MARK_NOTDEFAULT = "AcmeDnsServer__mark__notdefault"
    ACME_DNS_SERVER_EDIT = "AcmeDnsServer__edit"
    ACME_DNS_SERVER_ACCOUNT_INSERT = "AcmeDnsServerAccount__insert"
    DOMAIN_BLOCKLISTED_INSERT = "DomainBlocklisted__insert"
    DOMAIN_BLOCKLISTED_DELETE = "DomainBlocklisted__delete"
    API_DOMAINS_ENABLE = "ApiDomains__enable"
    API_DOMAINS_DISABLE = "ApiDomains__disable"
    API_DOMAINS_CERTIFICATE_IF_NEEDED = "ApiDomains__certificate_if_needed"
    API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_EXISTS = (
        "ApiDomains__certificate_if_needed__domain_exists"
    )
    API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_ACTIVATE = (
        "ApiDomains__certificate_if_needed__domain_activate"
    )
    API_DOMAINS_CERTIFICATE_IF_NEEDED_DOMAIN_NEW = "ApiDomains__certificate_if_needed__domain_new"
    API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_EXISTS = (
        "ApiDomains__certificate_if_needed__certificate_exists"
    )
    API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_NEW_SUCCESS = (
        "ApiDomains__certificate_if_needed__certificate_new_success"
    )
    API_DOMAINS_CERTIFICATE_IF_NEEDED_CERTIFICATE_NEW_FAIL = (
        "ApiDomains__certificate_if_needed__certificate_new_fail"
    )
