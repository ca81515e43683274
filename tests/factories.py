"""Objects for tests: each function adds one to the session, with all that it needs.

Call them inside `with ctx.commit():`. What a test does not care about it does not say.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from peter_sslers import enums, model
from peter_sslers.model.meta import Base

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
T = TypeVar("T", bound=Base)
_number = count(1)


def unique(length: int = 64) -> str:
    """Upper-case hexadecimal digits that nothing else has."""
    return f"{next(_number):0{length}X}"


def _add(db: Session, kind: type[T], given: dict[str, Any], **usual: Any) -> T:
    """`usual` values that are functions are called only where nothing is given."""
    values = {
        name: value() if callable(value) else value
        for name, value in usual.items()
        if name not in given
    }
    obj = kind(**values, **given)
    db.add(obj)
    db.flush()
    return obj


def _recorded(db: Session) -> Callable[[], model.OperationsEvent]:
    return lambda: event(db)


def event(db: Session, **given: Any) -> model.OperationsEvent:
    return _add(
        db,
        model.OperationsEvent,
        given,
        operations_event_type=enums.OperationsEventType.DOMAIN_INSERT,
        timestamp_event=NOW,
    )


def provider(db: Session, **given: Any) -> model.AcmeAccountProvider:
    name = f"ca{unique(6)}"
    return _add(
        db,
        model.AcmeAccountProvider,
        given,
        timestamp_created=NOW,
        name=name,
        directory=f"https://{name}.example/dir",
        server=f"{name}.example",
        is_enabled=True,
        protocol="acme-v2",
    )


def account(db: Session, *, with_key: bool = True, **given: Any) -> model.AcmeAccount:
    made = _add(
        db,
        model.AcmeAccount,
        given,
        timestamp_created=NOW,
        contact=f"{unique(6)}@example.com".lower(),
        account_url=f"https://ca.example/acct/{unique(6)}",
        acme_account_provider=lambda: provider(db),
        private_key_cycle=enums.PrivateKeyCycle.SINGLE_CERTIFICATE,
        private_key_technology=enums.KeyTechnology.RSA,
        operations_event__created=_recorded(db),
    )
    if with_key:
        account_key(db, acme_account=made)
    return made


def account_key(db: Session, **given: Any) -> model.AcmeAccountKey:
    return _add(
        db,
        model.AcmeAccountKey,
        given,
        acme_account=lambda: account(db, with_key=False),
        is_active=True,
        timestamp_created=NOW,
        key_technology=enums.KeyTechnology.RSA,
        key_pem=f"-----BEGIN PRIVATE KEY-----\n{unique()}\n-----END PRIVATE KEY-----\n",
        key_pem_md5=unique(32),
        spki_sha256=unique(),
        acme_account_key_source=enums.AccountKeySource.GENERATED,
        operations_event__created=_recorded(db),
    )


def private_key(db: Session, **given: Any) -> model.PrivateKey:
    return _add(
        db,
        model.PrivateKey,
        given,
        timestamp_created=NOW,
        key_technology=enums.KeyTechnology.RSA,
        key_pem=f"-----BEGIN PRIVATE KEY-----\n{unique()}\n-----END PRIVATE KEY-----\n",
        key_pem_md5=unique(32),
        spki_sha256=unique(),
        private_key_source=enums.PrivateKeySource.GENERATED,
        private_key_type=enums.PrivateKeyType.STANDARD,
        operations_event__created=_recorded(db),
    )


def domain(db: Session, name: str = "", **given: Any) -> model.Domain:
    return _add(
        db,
        model.Domain,
        given,
        domain_name=name or f"{unique(6)}.example.com".lower(),
        timestamp_created=NOW,
        operations_event__created=_recorded(db),
    )


def fqdns(db: Session, *names: str, **given: Any) -> model.UniqueFQDNSet:
    """The set of some names; of one new name when none is given."""
    members = given.pop("domains", None) or [domain(db, name) for name in names or ("",)]
    return _add(
        db,
        model.UniqueFQDNSet,
        given,
        domain_ids_string=",".join(str(d.id) for d in sorted(members, key=lambda d: d.id)),
        count_domains=len(members),
        timestamp_created=NOW,
        operations_event__created=_recorded(db),
        # Last: what is tied to a row of the session has to be in it at the next flush.
        to_domains=lambda: [model.UniqueFQDNSet2Domain(domain=member) for member in members],
    )


def order(db: Session, **given: Any) -> model.AcmeOrder:
    return _add(
        db,
        model.AcmeOrder,
        given,
        timestamp_created=NOW,
        acme_order_type=enums.OrderType.NEW,
        acme_status_order=enums.OrderStatus.PENDING,
        acme_order_processing_strategy=enums.ProcessingStrategy.CREATE_ORDER,
        acme_order_processing_status=enums.ProcessingStatus.CREATED_ACME,
        order_url=f"https://ca.example/order/{unique(6)}",
        private_key_strategy__requested=enums.PrivateKeyStrategy.DEFERRED_GENERATE,
        acme_account=lambda: account(db),
        private_key_id__requested=0,
        private_key_id=0,
        unique_fqdn_set=lambda: fqdns(db),
    )


def authorization(db: Session, *orders: model.AcmeOrder, **given: Any) -> model.AcmeAuthorization:
    """Of some orders, the first of which made it; of a new one when none is given."""
    orders = orders or (order(db),)
    made = _add(
        db,
        model.AcmeAuthorization,
        given,
        authorization_url=f"https://ca.example/authz/{unique(6)}",
        timestamp_created=NOW,
        acme_status_authorization=enums.AuthorizationStatus.PENDING,
        domain=lambda: orders[0].unique_fqdn_set.domains[0],
        acme_order_created=orders[0],
    )
    for holder in orders:
        link = model.AcmeOrder2AcmeAuthorization(acme_authorization=made)
        holder.to_acme_authorizations.append(link)
    db.flush()
    return made


def challenge(db: Session, **given: Any) -> model.AcmeChallenge:
    """Of a new authorization, unless an `acme_orderless` is given."""
    if "acme_orderless" not in given and "acme_authorization" not in given:
        given["acme_authorization"] = authorization(db)
    of = given.get("acme_authorization")
    token = f"Token-{unique(37)}"
    return _add(
        db,
        model.AcmeChallenge,
        given,
        domain=lambda: of.domain if of else domain(db),
        acme_challenge_type=enums.ChallengeType.HTTP_01,
        acme_status_challenge=enums.ChallengeStatus.PENDING,
        challenge_url=f"https://ca.example/chall/{unique(6)}",
        timestamp_created=NOW,
        token=token,
        keyauthorization=f"{token}.thumbprint",
    )


def orderless(db: Session, **given: Any) -> model.AcmeOrderless:
    return _add(db, model.AcmeOrderless, given, timestamp_created=NOW, is_processing=True)


def acme_dns_server(db: Session, **given: Any) -> model.AcmeDnsServer:
    return _add(
        db,
        model.AcmeDnsServer,
        given,
        timestamp_created=NOW,
        root_url=f"http://{unique(6)}.acme-dns.example".lower(),
        operations_event__created=_recorded(db),
    )


def acme_dns_server_account(db: Session, **given: Any) -> model.AcmeDnsServerAccount:
    return _add(
        db,
        model.AcmeDnsServerAccount,
        given,
        timestamp_created=NOW,
        acme_dns_server=lambda: acme_dns_server(db),
        domain=lambda: domain(db),
        username=unique(36),
        password=unique(40),
        fulldomain=f"{unique(8)}.acme-dns.example".lower(),
        subdomain=unique(8).lower(),
        allowfrom="[]",
        operations_event__created=_recorded(db),
    )


def certificate_request(db: Session, **given: Any) -> model.CertificateRequest:
    return _add(
        db,
        model.CertificateRequest,
        given,
        timestamp_created=NOW,
        certificate_request_source=enums.CertificateRequestSource.ACME_ORDER,
        csr_pem=f"csr {unique()}\n",
        csr_pem_md5=unique(32),
        spki_sha256=unique(),
        key_technology=enums.KeyTechnology.RSA,
        private_key=lambda: private_key(db),
        unique_fqdn_set=lambda: fqdns(db),
        operations_event__created=_recorded(db),
    )


def certificate(db: Session, **given: Any) -> model.CertificateSigned:
    """Valid for ninety days from `NOW`."""
    return _add(
        db,
        model.CertificateSigned,
        given,
        timestamp_created=NOW,
        timestamp_not_before=NOW,
        timestamp_not_after=NOW + timedelta(days=90),
        is_single_domain_cert=True,
        key_technology=enums.KeyTechnology.RSA,
        cert_pem=f"certificate {unique()}\n",
        cert_pem_md5=unique(32),
        spki_sha256=unique(),
        fingerprint_sha1=unique(40),
        fingerprint_sha256=unique(),
        serial=unique(16),
        cert_subject="CN=example.com",
        cert_issuer="C=US\nO=Example & Sons\nCN=R3",
        private_key=lambda: private_key(db),
        unique_fqdn_set=lambda: fqdns(db),
        operations_event__created=_recorded(db),
    )


def certificate_ca(db: Session, **given: Any) -> model.CertificateCA:
    return _add(
        db,
        model.CertificateCA,
        given,
        display_name="Test CA",
        key_technology=enums.KeyTechnology.RSA,
        cert_pem=f"ca {unique()}\n",
        cert_pem_md5=unique(32),
        spki_sha256=unique(),
        fingerprint_sha1=unique(40),
        timestamp_not_before=NOW,
        timestamp_not_after=NOW + timedelta(days=3650),
        cert_subject="CN=Test CA",
        cert_issuer="CN=Test Root",
        timestamp_created=NOW,
        operations_event__created=_recorded(db),
    )


def chain(db: Session, *cas: model.CertificateCA, **given: Any) -> model.CertificateCAChain:
    """Of some CAs, the leaf's side first; of a new one when none is given."""
    cas = cas or (certificate_ca(db),)
    return _add(
        db,
        model.CertificateCAChain,
        given,
        display_name="Test chain",
        timestamp_created=NOW,
        chain_pem="".join(ca.cert_pem for ca in cas),
        chain_pem_md5=unique(32),
        chain_length=len(cas),
        certificate_ca_0=cas[0],
        certificate_ca_n=cas[-1],
        certificate_ca_ids_string=",".join(str(ca.id) for ca in cas),
        operations_event__created=_recorded(db),
    )


def queue_certificate(db: Session, **given: Any) -> model.QueueCertificate:
    """The renewal of a set of names."""
    names = given.pop("unique_fqdn_set", None) or fqdns(db)
    return _add(
        db,
        model.QueueCertificate,
        given,
        timestamp_created=NOW,
        private_key_strategy__requested=enums.PrivateKeyStrategy.DEFERRED_GENERATE,
        private_key_cycle__renewal=enums.PrivateKeyCycle.SINGLE_CERTIFICATE,
        acme_account=lambda: account(db),
        private_key_id=0,
        unique_fqdn_set=names,
        unique_fqdn_set__source=names,
        operations_event__created=_recorded(db),
    )


def queue_domain(db: Session, name: str = "", **given: Any) -> model.QueueDomain:
    return _add(
        db,
        model.QueueDomain,
        given,
        domain_name=name or f"{unique(6)}.example.com".lower(),
        timestamp_created=NOW,
        operations_event__created=_recorded(db),
    )
