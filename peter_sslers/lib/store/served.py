"""What names are served with just now, many at a time, as Redis gets it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from ...model import (
    CertificateCAChain,
    CertificateSigned,
    CertificateSignedChain,
    Domain,
    DomainBlocklisted,
    PrivateKey,
    UniqueFQDNSet2Domain,
)
from ..database import chunks
from .configs import Config, columns_of, config_of

State = tuple[Any, ...]  # what it depends on, to see whether that is still so


class Served(NamedTuple):
    """A name; without a `config` it is not to be served."""

    id: int
    name: str
    config: Config | None
    state: State

    @property
    def is_active(self) -> bool:
        return bool(self.state[0])


def after(connection: Connection, last: int, limit: int, now: datetime) -> list[Served]:
    """The next names, by their ids: however many there are, each is read once."""
    return _read(connection, _AFTER, {"last": last, "limit": limit, "now": now})


def of(connection: Connection, ids: Collection[int], now: datetime) -> list[Served]:
    return _read(connection, _OF, {"ids": list(ids), "now": now})


def of_server_name(connection: Connection, name: str, now: datetime) -> Served | None:
    """What a client that asks for `name` is served with: its own certificate, else a wildcard's.

    None if neither name is known, or this one is blocklisted. A compromised key is never served.
    """
    wildcard = f"*.{name.partition('.')[2]}"
    found = _read(connection, _NAMED, {"name": name, "wildcard": wildcard, "now": now})
    own = next((one for one in found if one.name == name), None)
    if own is not None and (own.config or not own.is_active):
        return own
    return next((one for one in found if one is not own), own)


def changed(connection: Connection, served: Iterable[Served]) -> list[int]:
    """The ids of those that are to be served otherwise meanwhile."""
    states = {one.id: one.state for one in served}
    found = connection.execute(_STATES, {"ids": list(states)}).all()
    return [row[0] for row in found if states[row[0]] != tuple(row[1:])]


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    query = select(Domain.id, Domain.domain_name).where(Domain.id.in_(ids))
    return dict(connection.execute(query).all())


def ids_of(connection: Connection, names: Collection[str]) -> dict[str, int]:
    query = select(Domain.domain_name, Domain.id).where(Domain.domain_name.in_(names))
    return dict(connection.execute(query).all())


def domains_of(connection: Connection, certificates: Iterable[int]) -> set[int]:
    """The ids of the domains of some certificates."""
    link, found = UniqueFQDNSet2Domain, set[int]()
    for some in chunks(certificates):
        query = (
            select(link.domain_id)
            .join(
                CertificateSigned, CertificateSigned.unique_fqdn_set_id == link.unique_fqdn_set_id
            )
            .where(CertificateSigned.id.in_(some))
        )
        found |= set(connection.scalars(query).all())
    return found


def names_in_use(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of the names that are served."""
    query = select(Domain.domain_name).where(
        Domain.domain_name.in_(names),
        Domain.is_active.is_(True),
        or_(_SINGLE.is_not(None), _MULTI.is_not(None)),
    )
    return set(connection.scalars(query).all())


def certificates_in_use(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of the certificates that a name is served with, or may be."""
    return {
        number
        for pointer in (_SINGLE, _MULTI)
        for number in connection.scalars(
            select(pointer).where(pointer.in_(ids), Domain.is_active.is_(True)).distinct()
        )
        if number is not None
    }


def keys_in_use(connection: Connection, ids: Collection[int]) -> set[int]:
    key = CertificateSigned.private_key_id
    return set(connection.scalars(select(key).where(key.in_(ids), _is_in_use()).distinct()))


def chains_in_use(connection: Connection, ids: Collection[int]) -> set[int]:
    link = CertificateSignedChain
    tied = (
        select(link.id)
        .join(CertificateSigned, CertificateSigned.id == link.certificate_signed_id)
        .where(link.certificate_ca_chain_id == CertificateCAChain.id, _is_in_use())
        .exists()
    )
    query = select(CertificateCAChain.id).where(CertificateCAChain.id.in_(ids), tied)
    return set(connection.scalars(query).all())


_SINGLE = Domain.certificate_signed_id__latest_single
_MULTI = Domain.certificate_signed_id__latest_multi


def _is_in_use() -> ColumnElement[bool]:
    """Of the outer query's certificate. Two conditions: each has an index of its own."""
    return or_(
        *(
            select(Domain.id)
            .where(pointer == CertificateSigned.id, Domain.is_active.is_(True))
            .exists()
            for pointer in (_SINGLE, _MULTI)
        )
    )


def _query() -> Select[Any]:
    """The best certificate of each name: one that is valid now, of several names before one of a
    single name; one that has expired where there is no other."""
    single, multi = aliased(CertificateSigned), aliased(CertificateSigned)
    certificate = aliased(CertificateSigned)
    now: BindParameter[datetime] = bindparam("now")

    def is_valid(one: Any) -> ColumnElement[bool]:
        return and_(one.timestamp_not_before <= now, one.timestamp_not_after > now)

    best = case(
        (is_valid(multi), multi.id),
        (is_valid(single), single.id),
        else_=func.coalesce(multi.id, single.id),
    )
    chain = CertificateCAChain
    return (
        select(
            Domain.id,
            Domain.domain_name,
            *columns_of(certificate, PrivateKey, chain),
            Domain.is_active,
            _SINGLE,
            _MULTI,
        )
        .select_from(Domain)
        .outerjoin(single, and_(single.id == _SINGLE, Domain.is_active.is_(True)))
        .outerjoin(multi, and_(multi.id == _MULTI, Domain.is_active.is_(True)))
        .outerjoin(certificate, certificate.id == best)
        .outerjoin(PrivateKey, PrivateKey.id == certificate.private_key_id)
        .outerjoin(chain, chain.id == certificate.certificate_ca_chain_id__preferred)
    )


def _read(connection: Connection, query: Select[Any], asked: dict[str, Any]) -> list[Served]:
    return [
        Served(row[0], row[1], config_of(row[2:8]), tuple(row[8:]))
        for row in connection.execute(query, asked).all()
    ]


_OF = _query().where(Domain.id.in_(bindparam("ids", expanding=True)))
_NAMED = _query().where(
    Domain.domain_name.in_((bindparam("name"), bindparam("wildcard"))),
    ~select(DomainBlocklisted.id)
    .where(DomainBlocklisted.domain_name == bindparam("name"))
    .exists(),
    PrivateKey.is_compromised.is_not(True),
)
_AFTER = _query().where(Domain.id > bindparam("last")).order_by(Domain.id).limit(bindparam("limit"))
_STATES = select(Domain.id, Domain.is_active, _SINGLE, _MULTI).where(
    Domain.id.in_(bindparam("ids", expanding=True))
)
