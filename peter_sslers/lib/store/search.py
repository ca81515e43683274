"""What is found by a text: each question asks an index, none reads a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from ...model import (
    AcmeAccount,
    AcmeAccountKey,
    AcmeAuthorization,
    AcmeChallenge,
    AcmeChallengePoll,
    AcmeChallengeUnknownPoll,
    AcmeOrder,
    CertificateCA,
    CertificateRequest,
    CertificateSigned,
    PrivateKey,
    RemoteIpAddress,
)
from .. import names
from . import (
    acme_accounts,
    acme_authorizations,
    acme_challenge_polls,
    acme_challenges,
    acme_orders,
    certificate_ca_chains,
    certificate_cas,
    certificate_requests,
    certificate_signeds,
    domains,
    domains_blocklisted,
    paging,
    private_keys,
    queue_domains,
)

Attribute = InstrumentedAttribute[Any]

MAX_TEXT = 500  # characters of a question
MAX_ROWS = 25  # of a kind
_NUMBER = re.compile(r"#? ?([0-9]{1,18})")
_NAME = re.compile(r"[a-z0-9*_-][a-z0-9*._-]{0,252}")
_HEX = re.compile(r"(?:0x)?([0-9A-F]+)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s:]")  # what tools put between the digits
_SERIAL_DIGITS = 40  # RFC 5280 section 4.1.2.2: 20 octets


@dataclass(frozen=True)
class LookUp:
    """One question to one kind. `exact` is False where more than what was asked for is found."""

    by: str
    query: Select[Any]
    exact: bool = True

    @property
    def model(self) -> type[Any]:
        found: type[Any] = self.query.column_descriptions[0]["entity"]
        return found


@dataclass
class Hits:
    """What was found of a kind, exact hits first. `more`: there are more than these."""

    model: type[Any]
    rows: list[Any]
    by: list[str]
    exact: bool
    more: bool


def number_of(text: str) -> int | None:
    """`#12` and `12` are the number 12."""
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def numbered(db: Session, number: int, models: Iterable[type[Any]]) -> list[type[Any]]:
    """Those of the models that have a row of that number, in one statement."""
    wanted = list(models)
    if not wanted:
        return []
    questions = (
        select(literal(n)).where(exists().where(model.id == number))
        for n, model in enumerate(wanted)
    )
    return [wanted[n] for n in sorted(db.scalars(union_all(*questions)))]


def look_ups(text: str) -> list[LookUp]:
    """All that a text may mean but a number."""
    text = text[:MAX_TEXT]
    found = [*_by_name(text), *_by_address(text), *_by_hex(text)]
    if "@" in text:
        accounts = acme_accounts.every().where(AcmeAccount.contact == text)
        found.append(LookUp("contact", accounts))
    if text.startswith(("https://", "http://")):
        found += _by_url(text)
    return found


def by_spki(text: str) -> list[LookUp]:
    """All with the same public key. `text` is hexadecimal, with or without colons."""
    digits = _digits(text)
    return _by_spki(digits) if len(digits) == 64 else []


def by_subject(subject: str) -> list[LookUp]:
    return [
        LookUp("subject", certificate_cas.every().where(CertificateCA.cert_subject == subject)),
        LookUp(
            "subject", certificate_signeds.every().where(CertificateSigned.cert_subject == subject)
        ),
    ]


def by_issuer(issuer: str) -> list[LookUp]:
    return [
        LookUp("issuer", certificate_cas.every().where(CertificateCA.cert_issuer == issuer)),
        LookUp(
            "issuer", certificate_signeds.every().where(CertificateSigned.cert_issuer == issuer)
        ),
    ]


def hits(db: Session, questions: Iterable[LookUp], models: Collection[type[Any]]) -> list[Hits]:
    """What the questions find of the models, kinds with exact hits first; MAX_ROWS of a kind."""
    found: dict[type[Any], Hits] = {}
    for question in sorted(questions, key=lambda question: not question.exact):
        model = question.model
        if model not in models:
            continue
        rows = paging.first(db, question.query, MAX_ROWS + 1)
        if rows:
            kind = found.setdefault(model, Hits(model, [], [], question.exact, False))
            _add(kind, question.by, rows)
    return list(found.values())


def _add(kind: Hits, by: str, rows: list[Any]) -> None:
    new = [row for row in rows if row not in kind.rows]
    if new and by not in kind.by:
        kind.by.append(by)
    kind.more = kind.more or len(kind.rows) + len(new) > MAX_ROWS
    kind.rows = [*kind.rows, *new][:MAX_ROWS]


def _by_name(text: str) -> list[LookUp]:
    name = domains.canonical(text)
    if not name.isascii():
        try:
            name = names.normalise(name, wildcard=True)
        except names.InvalidName:
            return []
    if not _NAME.fullmatch(name):
        return []
    return [
        LookUp("name", domains.by_name(name).options(*domains.SHOWN)),
        LookUp("name", domains_blocklisted.by_name(name)),
        LookUp("name", queue_domains.by_name(name)),
        LookUp("beginning of the name", domains.beginning_with(name), exact=False),
    ]


def _by_address(text: str) -> list[LookUp]:
    address = names.as_ip(text)
    if address is None:
        return []
    ip = (
        select(RemoteIpAddress.id)
        .where(RemoteIpAddress.remote_ip_address == address)
        .scalar_subquery()
    )
    polls, unknown = AcmeChallengePoll, AcmeChallengeUnknownPoll
    return [
        LookUp("name", domains.by_name(address).options(*domains.SHOWN)),
        LookUp(
            "address", acme_challenge_polls.every().where(polls.remote_ip_address_id == ip), False
        ),
        LookUp(
            "address",
            acme_challenge_polls.unknown().where(unknown.remote_ip_address_id == ip),
            False,
        ),
    ]


def _digits(text: str) -> str:
    """The hexadecimal digits of `AB:CD`, `0xABCD` or OpenSSL's `serial=ABCD`, else ""."""
    found = _HEX.fullmatch(_BETWEEN.sub("", text.rpartition("=")[2]))
    return found[1].upper() if found else ""


def _by_hex(text: str) -> list[LookUp]:
    digits = _digits(text)
    found = []
    if digits and len(digits.lstrip("0")) <= _SERIAL_DIGITS:
        found.append(_by_serial(digits.lstrip("0") or "0"))
    if text.isascii() and text.isdigit() and len(text) <= 49:  # as many as 20 octets can have
        found.append(_by_serial(f"{int(text):X}"))
    match len(digits):
        case 32:
            found += _by_md5(digits.lower())
        case 40:
            found += _by_fingerprint(
                "SHA-1", digits, CertificateSigned.fingerprint_sha1, CertificateCA.fingerprint_sha1
            )
        case 64:
            found += _by_fingerprint(
                "SHA-256",
                digits,
                CertificateSigned.fingerprint_sha256,
                CertificateCA.fingerprint_sha256,
            )
            found += _by_spki(digits)
    return found


def _by_serial(serial: str) -> LookUp:
    return LookUp("serial", certificate_signeds.every().where(CertificateSigned.serial == serial))


def _by_fingerprint(kind: str, digits: str, of_leaf: Attribute, of_ca: Attribute) -> list[LookUp]:
    by = f"{kind} fingerprint"
    return [
        LookUp(by, certificate_signeds.every().where(of_leaf == digits)),
        LookUp(by, certificate_cas.every().where(of_ca == digits)),
    ]


def _by_spki(digits: str) -> list[LookUp]:
    by = "SPKI SHA-256"
    return [
        LookUp(by, private_keys.every().where(PrivateKey.spki_sha256 == digits)),
        LookUp(by, acme_accounts.by_key_spki(digits)),
        LookUp(by, certificate_requests.every().where(CertificateRequest.spki_sha256 == digits)),
        LookUp(by, certificate_signeds.every().where(CertificateSigned.spki_sha256 == digits)),
        LookUp(by, certificate_cas.every().where(CertificateCA.spki_sha256 == digits)),
    ]


def _by_md5(digits: str) -> list[LookUp]:
    by = "MD5 of the PEM"
    key = select(AcmeAccountKey.acme_account_id).where(AcmeAccountKey.key_pem_md5 == digits)
    return [
        LookUp(by, private_keys.every().where(PrivateKey.key_pem_md5 == digits)),
        LookUp(f"{by} of its key", acme_accounts.every().where(AcmeAccount.id.in_(key))),
        LookUp(by, certificate_requests.by_md5(digits)),
        LookUp(by, certificate_signeds.by_md5(digits)),
        LookUp(by, certificate_cas.by_md5(digits)),
        LookUp(by, certificate_ca_chains.by_md5(digits)),
    ]


def _by_url(url: str) -> list[LookUp]:
    by = "URL at the CA"
    return [
        LookUp(by, acme_orders.every().where(AcmeOrder.order_url == url)),
        LookUp(by, acme_authorizations.every().where(AcmeAuthorization.authorization_url == url)),
        LookUp(by, acme_challenges.every().where(AcmeChallenge.challenge_url == url)),
        LookUp(by, acme_accounts.by_url(url)),
    ]
