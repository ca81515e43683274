"""The objects of RFC 8555 section 7.1, as the server states them. Frozen: ask again for news."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from ...enums import AuthorizationStatus, ChallengeStatus, ChallengeType, OrderStatus
from .documents import Document
from .problems import BadAnswer, Problem

Word = TypeVar("Word", OrderStatus, AuthorizationStatus, ChallengeStatus)
LONGEST_PROFILE = 64  # characters of its name
LONGEST_REPLACED = 255  # characters of the identifier of a certificate
LONGEST_TOKEN = 200  # characters; the CAs' have 43, and with a thumbprint it has to fit a column


class AccountStatus(StrEnum):
    """Section 7.1.6."""

    VALID = "valid"
    DEACTIVATED = "deactivated"
    REVOKED = "revoked"
    UNKNOWN = "*406*"


@dataclass(frozen=True)
class Identifier:
    """What a certificate is for: section 9.7.7, and RFC 8738 for `ip`."""

    type: str  # "dns" or "ip"
    value: str

    @classmethod
    def of(cls, value: Identifier | str) -> Identifier:
        """An address is an `ip`, every other text a `dns`."""
        if isinstance(value, Identifier):
            return value
        try:
            return cls("ip", str(ipaddress.ip_address(value)))
        except ValueError:
            return cls("dns", value)

    @classmethod
    def parse(cls, doc: Document) -> Identifier:
        return cls(doc.text("type"), doc.text("value"))

    def as_json(self) -> dict[str, str]:
        return {"type": self.type, "value": self.value}


@dataclass(frozen=True)
class Directory:
    """Section 7.1.1. A URL is None where the server does not offer that; profiles: name → text."""

    new_nonce: str
    new_account: str
    new_order: str
    revoke_cert: str | None
    key_change: str | None
    renewal_info: str | None  # RFC 9773
    terms_of_service: str | None
    external_account_required: bool
    profiles: Mapping[str, str]

    @classmethod
    def parse(cls, doc: Document) -> Directory:
        meta = doc.maybe_inner("meta")
        terms = meta.maybe_text("termsOfService")
        profiles = meta.maybe_inner("profiles")
        return cls(
            new_nonce=doc.url("newNonce"),
            new_account=doc.url("newAccount"),
            new_order=doc.url("newOrder"),
            revoke_cert=doc.maybe_url("revokeCert"),
            key_change=doc.maybe_url("keyChange"),
            renewal_info=doc.maybe_url("renewalInfo"),
            terms_of_service=terms if terms and terms.isascii() else None,  # RFC 3986
            external_account_required=meta.true("externalAccountRequired"),
            profiles={
                name: profiles.text(name)
                for name in profiles.data
                if name.isprintable() and len(name) <= LONGEST_PROFILE
            },
        )

    def urls(self) -> tuple[str | None, ...]:
        """What can be asked of the server."""
        asked = (self.new_nonce, self.new_account, self.new_order)
        return (*asked, self.revoke_cert, self.key_change, self.renewal_info)


@dataclass(frozen=True)
class Account:
    """Section 7.1.2. `created` is True if newAccount has made it, False if it was there before."""

    url: str
    status: AccountStatus
    contact: tuple[str, ...] = ()
    orders: str | None = None
    created: bool = False
    retry_after_s: float | None = None

    @classmethod
    def parse(cls, url: str, doc: Document, *, created: bool = False) -> Account:
        status = doc.maybe_text("status") or "valid"  # some leave it out of newAccount's answer
        return cls(
            url=url,
            status=AccountStatus(status) if status in set(AccountStatus) else AccountStatus.UNKNOWN,
            contact=doc.texts("contact") if doc.data.get("contact") else (),
            orders=doc.maybe_url("orders"),
            created=created,
            retry_after_s=doc.retry_after_s,
        )


@dataclass(frozen=True)
class Challenge:
    """Section 7.1.5. `type` is None for a type that we do not know."""

    url: str
    type: ChallengeType | None
    status: ChallengeStatus
    token: str
    validated: datetime | None = None
    error: Problem | None = None
    retry_after_s: float | None = None

    @classmethod
    def parse(cls, doc: Document) -> Challenge:
        kind = doc.text("type")
        token = doc.maybe_text("token") or ""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise BadAnswer(f"{doc.what}: `token` is none")
        return cls(
            url=doc.url("url"),
            type=ChallengeType(kind) if kind in set(ChallengeType) else None,
            status=word(ChallengeStatus, doc.text("status")),
            token=token,
            validated=doc.moment("validated"),
            error=doc.problem("error"),
            retry_after_s=doc.retry_after_s,
        )


@dataclass(frozen=True)
class Authorization:
    """Section 7.1.4. `identifier` has no star, `wildcard` says whether there was one."""

    url: str
    identifier: Identifier
    status: AuthorizationStatus
    challenges: tuple[Challenge, ...]
    wildcard: bool = False
    expires: datetime | None = None
    retry_after_s: float | None = None

    @classmethod
    def parse(cls, url: str, doc: Document) -> Authorization:
        return cls(
            url=url,
            identifier=Identifier.parse(doc.inner("identifier")),
            status=word(AuthorizationStatus, doc.text("status")),
            challenges=tuple(Challenge.parse(c) for c in doc.inners("challenges")),
            wildcard=doc.true("wildcard"),
            expires=doc.moment("expires"),
            retry_after_s=doc.retry_after_s,
        )

    def challenge(self, kind: ChallengeType) -> Challenge | None:
        return next((c for c in self.challenges if c.type is kind), None)


@dataclass(frozen=True)
class Order:
    """Section 7.1.3. A valid one has `certificate`; `error` says why it is invalid."""

    url: str
    status: OrderStatus
    identifiers: tuple[Identifier, ...]
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str | None = None
    expires: datetime | None = None
    error: Problem | None = None
    profile: str | None = None
    replaces: str | None = None
    retry_after_s: float | None = None

    @classmethod
    def parse(cls, url: str, doc: Document) -> Order:
        replaces = doc.maybe_text("replaces")
        if replaces and len(replaces) > LONGEST_REPLACED:
            raise BadAnswer(f"{doc.what}: `replaces` is no identifier of a certificate")
        return cls(
            url=url,
            status=word(OrderStatus, doc.text("status")),
            identifiers=tuple(Identifier.parse(i) for i in doc.inners("identifiers")),
            authorizations=doc.urls("authorizations"),
            finalize=doc.url("finalize"),
            certificate=doc.maybe_url("certificate"),
            expires=doc.moment("expires"),
            error=doc.problem("error"),
            profile=doc.maybe_text("profile"),
            replaces=replaces,
            retry_after_s=doc.retry_after_s,
        )


def word(kind: type[Word], status: str) -> Word:
    """The server's word for a status; our own words in stars can not come from there."""
    known = status in set(kind) and not status.startswith("*")
    return kind(status) if known else kind("*406*")
