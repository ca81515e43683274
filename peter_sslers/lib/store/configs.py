"""What a web server needs of a name or a certificate: read by narrow queries, without entities."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Dialect, Select, and_, bindparam, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler

from ...model import (
    CertificateCA,
    CertificateCAChain,
    CertificateSigned,
    CertificateSignedChain,
    Domain,
    PrivateKey,
)
from ...model.certificate_ca import chain_holds
from . import certificate_cas
from .ids import as_id


class Part(NamedTuple):
    """One PEM file and the row that it is from."""

    id: int
    pem: str

    def as_json(self) -> dict[str, str]:
        return {"id": str(self.id), "pem": self.pem}


class Config(NamedTuple):
    """A certificate with its key and one of its chains; without a chain it stands alone."""

    certificate: Part
    private_key: Part
    chain: Part | None

    @property
    def fullchain_id(self) -> str:
        return f"{self.certificate.id},{self.chain.id}" if self.chain else str(self.certificate.id)

    @property
    def fullchain_pem(self) -> str:
        return self.certificate.pem + (self.chain.pem if self.chain else "")

    def as_json(self) -> dict[str, Any]:
        """The shape that edge servers read. All ids are text."""
        return {
            "id": str(self.certificate.id),
            "private_key": self.private_key.as_json(),
            "certificate": self.certificate.as_json(),
            "chain": self.chain.as_json() if self.chain else None,
            "fullchain": {"id": self.fullchain_id, "pem": self.fullchain_pem},
        }

    def ids_as_json(self) -> dict[str, Any]:
        """The same without the PEMs: enough to see whether something has changed."""
        return {
            "id": str(self.certificate.id),
            "private_key": {"id": str(self.private_key.id)},
            "certificate": {"id": str(self.certificate.id)},
            "chain": {"id": str(self.chain.id)} if self.chain else None,
            "fullchain": {"id": self.fullchain_id},
        }


@dataclass(frozen=True)
class DomainConfig:
    """What a name is served with. An inactive name is served with nothing."""

    id: int
    name: str
    is_active: bool
    latest_single: Config | None
    latest_multi: Config | None

    def as_json(self) -> dict[str, Any]:
        return {
            "domain": self._domain_as_json(),
            "certificate_signed__latest_single": (
                self.latest_single.as_json() if self.latest_single else None
            ),
            "certificate_signed__latest_multi": (
                self.latest_multi.as_json() if self.latest_multi else None
            ),
        }

    def ids_as_json(self) -> dict[str, Any]:
        return {
            "domain": self._domain_as_json(),
            "certificate_signed__latest_single": (
                self.latest_single.ids_as_json() if self.latest_single else None
            ),
            "certificate_signed__latest_multi": (
                self.latest_multi.ids_as_json() if self.latest_multi else None
            ),
        }

    def _domain_as_json(self) -> dict[str, Any]:
        return {"id": str(self.id), "domain_name": self.name, "is_active": self.is_active}


def of_domain(connection: Connection, ident: str) -> DomainConfig | None:
    """By id or name. A text of digits is an id: no domain name has digits alone."""
    if ident.isascii() and ident.isdigit():
        return _domain(connection, _DOMAIN_BY_ID, as_id(ident))
    return of_name(connection, ident)


def of_name(connection: Connection, name: str) -> DomainConfig | None:
    """By name only: for the edge, which asks for whatever a client says in its SNI."""
    return _domain(connection, _DOMAIN_BY_NAME, name.lower().removesuffix("."))


def of_certificate(connection: Connection, certificate_id: int | None) -> Config | None:
    """A certificate with its preferred chain. No id, as NULL, is no certificate's."""
    return _certificate(connection, _CERTIFICATE, {"certificate": certificate_id})


def of_certificate_with_chain(
    connection: Connection, certificate_id: int | None, chain_id: int | None
) -> Config | None:
    """A certificate with the chain asked for, which must be one of its own."""
    asked = {"certificate": certificate_id, "chain": chain_id}
    return _certificate(connection, _CERTIFICATE_WITH_CHAIN, asked)


def chain_by_fingerprint(
    connection: Connection, certificate_id: int | None, fingerprint: str
) -> int | None:
    """Of a certificate's chains the first that holds the CA, the one that its CA sends unasked
    before all. `fingerprint`: SHA-1 or SHA-256."""
    link = CertificateSignedChain
    ca = certificate_cas.by_fingerprint(fingerprint).with_only_columns(CertificateCA.id)
    chain_id: int | None = connection.scalar(
        select(link.certificate_ca_chain_id)
        .join(CertificateCAChain, CertificateCAChain.id == link.certificate_ca_chain_id)
        .where(
            link.certificate_signed_id == certificate_id,
            chain_holds(ca.scalar_subquery()),
        )
        .order_by(link.is_upstream_default.is_not(True), link.id)
        .limit(1)
    )
    return chain_id


def _domain(
    connection: Connection, query: Select[Any], asked: int | str | None
) -> DomainConfig | None:
    row = _first(connection, query, {"asked": asked})
    if row is None:
        return None
    return DomainConfig(row[0], row[1], bool(row[2]), config_of(row[3:9]), config_of(row[9:15]))


def _certificate(
    connection: Connection, query: Select[Any], asked: dict[str, int | None]
) -> Config | None:
    row = _first(connection, query, asked)
    return config_of(row) if row is not None else None


def _first(connection: Connection, query: Select[Any], asked: dict[str, Any]) -> Any:
    """One row by the driver's cursor: on this path SQLAlchemy's takes eight times the query."""
    compiled = _compiled(query, connection.dialect)
    named = compiled.construct_params(asked)
    values = [named[name] for name in compiled.positiontup or ()] if compiled.positional else named
    cursor = connection.connection.cursor()
    try:
        cursor.execute(compiled.string, values)
        return cursor.fetchone()
    finally:
        cursor.close()


@functools.lru_cache(maxsize=64)
def _compiled(query: Select[Any], dialect: Dialect) -> SQLCompiler:
    compiled = query.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{type(compiled).__name__} is not for queries")
    return compiled


def config_of(parts: Any) -> Config | None:
    """Of the columns that `columns_of` names."""
    certificate_id, certificate_pem, key_id, key_pem, chain_id, chain_pem = parts
    if certificate_id is None:
        return None
    return Config(
        Part(certificate_id, certificate_pem),
        Part(key_id, key_pem),
        None if chain_id is None else Part(chain_id, chain_pem),
    )


def columns_of(certificate: Any, key: Any, chain: Any) -> tuple[ColumnElement[Any], ...]:
    return (
        certificate.id,
        certificate.cert_pem,
        key.id,
        key.key_pem,
        chain.id,
        chain.chain_pem,
    )


def _domain_query(which: ColumnElement[bool]) -> Select[Any]:
    """One row: the domain, its latest certificates with their keys and preferred chains."""
    tables: list[tuple[Any, Any, Any, Any]] = [
        (pointer, aliased(CertificateSigned), aliased(PrivateKey), aliased(CertificateCAChain))
        for pointer in (
            Domain.certificate_signed_id__latest_single,
            Domain.certificate_signed_id__latest_multi,
        )
    ]
    columns = [c for _, *parts in tables for c in columns_of(*parts)]
    query = select(Domain.id, Domain.domain_name, Domain.is_active, *columns).select_from(Domain)
    for pointer, certificate, key, chain in tables:
        query = (
            query.outerjoin(
                certificate, and_(certificate.id == pointer, Domain.is_active.is_(True))
            )
            .outerjoin(key, key.id == certificate.private_key_id)
            .outerjoin(chain, chain.id == certificate.certificate_ca_chain_id__preferred)
        )
    return query.where(which)


def _certificate_query() -> Select[Any]:
    certificate, chain = CertificateSigned, aliased(CertificateCAChain)
    return (
        select(*columns_of(certificate, PrivateKey, chain))
        .join(PrivateKey, PrivateKey.id == certificate.private_key_id)
        .outerjoin(chain, chain.id == certificate.certificate_ca_chain_id__preferred)
        .where(certificate.id == bindparam("certificate"))
    )


def _certificate_with_chain_query() -> Select[Any]:
    certificate, chain, link = CertificateSigned, CertificateCAChain, CertificateSignedChain
    return (
        select(*columns_of(certificate, PrivateKey, chain))
        .join(PrivateKey, PrivateKey.id == certificate.private_key_id)
        .join(link, link.certificate_signed_id == certificate.id)
        .join(chain, chain.id == link.certificate_ca_chain_id)
        .where(certificate.id == bindparam("certificate"), chain.id == bindparam("chain"))
    )


_DOMAIN_BY_ID = _domain_query(Domain.id == bindparam("asked"))
_DOMAIN_BY_NAME = _domain_query(Domain.domain_name == bindparam("asked"))
_CERTIFICATE = _certificate_query()
_CERTIFICATE_WITH_CHAIN = _certificate_with_chain_query()
