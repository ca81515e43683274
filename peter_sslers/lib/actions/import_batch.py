"""Some hundred certificates in one transaction, with all rows that belong to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, bindparam, func, select, update

from ...enums import OperationsEventType
from ...model import (
    CertificateCAChain,
    CertificateSigned,
    CertificateSignedChain,
    Domain,
    PrivateKey,
    UniqueFQDNSet,
    UniqueFQDNSet2Domain,
)
from ...model.unique_fqdn_set import digest_of
from .. import prepared, x509
from ..context import Context
from ..database import chunks
from ..store import events, served
from ..store.bulk import NewRows, Row, found, insert_all
from ..store.unique_fqdn_sets import ids_string
from ..x509.pem import md5_hex
from . import certificates, recents
from . import import_rows as rows
from .import_reading import Checked

CHAIN_NAME = "manual upload"


def _table(kind: Any) -> Table:
    return cast("Table", kind.__table__)


CERTIFICATES, CHAINS, DOMAINS, KEYS, SETS = map(
    _table, (CertificateSigned, CertificateCAChain, Domain, PrivateKey, UniqueFQDNSet)
)
LINKS, MEMBERS = _table(CertificateSignedChain), _table(UniqueFQDNSet2Domain)
LINKS_OF = select(LINKS.c.certificate_signed_id, LINKS.c.certificate_ca_chain_id).where(
    LINKS.c.certificate_signed_id.in_(bindparam("certificates", expanding=True))
)
COUNT = (
    update(KEYS)
    .where(KEYS.c.id == bindparam("key"))
    .values(
        count_certificate_signeds=func.coalesce(KEYS.c.count_certificate_signeds, 0)
        + bindparam("more"),
        timestamp_last_certificate_issue=bindparam("now"),
    )
)


@dataclass(frozen=True)
class Stored:
    """Ids of what a certificate has come to, and whether each is new."""

    certificate: int
    certificate_is_new: bool
    chain: int
    chain_is_new: bool
    key: int
    key_is_new: bool


class Brought(NamedTuple):
    """A certificate, and the request that brings it, whose events and times its rows have.

    All requests of a batch use one session.
    """

    item: Checked
    by: events.Recorder


Names = tuple[str, ...]
Chain = tuple[x509.Certificate, ...]


class NewChain(Exception):
    """It has to be stored first, and that is the ORM's."""


class Batch:
    """Inside of one commit: `write` once. One certificate that comes twice is new once."""

    def __init__(
        self,
        ctx: Context,
        db: Connection,
        brought: Sequence[Brought],
        chains: dict[Chain, int],
        *,
        only_rows: bool,
    ) -> None:
        """`ctx` has the commit, of rows alone or of objects too, and `db` is its connection.

        `chains`: ids that are known, of stored ones; more are added.
        """
        self._ctx = ctx
        self._db = db
        self._only_rows = only_rows
        self._new = NewRows(self._db)
        self._chains = chains
        self._sets: dict[Names, Row] = {}  # those that are new
        self._rows: dict[str, Row] = {}
        self._order = [md5_hex(item.leaf.pem) for item, _ in brought]
        self._items = {md5: item for md5, (item, _) in zip(self._order, brought, strict=True)}
        # Who brings it first.
        self._by = {md5: by for md5, (_, by) in zip(self._order[::-1], brought[::-1], strict=True)}

    def write(self) -> list[Stored]:
        """What became of each item. Raises NewChain in a commit of rows alone."""
        columns = CERTIFICATES.c
        known = found(
            self._db, columns.cert_pem_md5, self._items, columns.id, columns.private_key_id
        )
        fresh = {md5: item for md5, item in self._items.items() if md5 not in known}
        chains = {md5: self._chain(item.chain, self._by[md5]) for md5, item in self._items.items()}
        ids = {md5: (row.id, row.private_key_id) for md5, row in known.items()}
        new_keys = self._insert(fresh, ids) if fresh else set()
        self._link({ids[md5][0]: chain for md5, (chain, _) in chains.items()}, known.values())
        self._new.close()
        stored = []
        for md5 in self._order:
            number, key = ids[md5]
            is_new = fresh.pop(md5, None) is not None
            stored.append(Stored(number, is_new, *chains[md5], key, is_new and key in new_keys))
        return stored

    def _chain(self, chain: Chain, by: events.Recorder) -> tuple[int, bool]:
        """Its id, and whether it is new."""
        remembered = self._chains.get(chain)
        if remembered is not None:
            return remembered, False
        pem_md5 = md5_hex("".join(ca.pem for ca in chain))
        known = found(self._db, CHAINS.c.chain_pem_md5, [pem_md5], CHAINS.c.id)
        if known:
            number = known[pem_md5].id
        elif self._only_rows:
            raise NewChain
        else:
            made, _ = certificates.chain_of(by, chain, CHAIN_NAME)
            self._ctx.db.flush()
            number = made.id
        self._chains[chain] = number
        return number, not known

    def _insert(self, fresh: Mapping[str, Checked], ids: dict[str, tuple[int, int]]) -> set[int]:
        """Add the ids of certificates and keys to `ids`; the ids of the keys that are new."""
        keys = self._known_keys(fresh.values())
        domains = self._known_domains(fresh.values())
        sets = self._known_sets(fresh.values(), domains)
        self._add(fresh, keys, domains, sets)
        self._new.log()
        new_names = self._new.write(DOMAINS, DOMAINS.c.domain_name)
        domains |= new_names
        self._write_sets(domains, sets)
        key_ids = {spki: row.id for spki, row in keys.items()}
        new_keys = self._new.write(KEYS, KEYS.c.spki_sha256)
        key_ids |= new_keys
        for md5, row in self._rows.items():
            row["private_key_id"] = key_ids[row["spki_sha256"]]
            row["unique_fqdn_set_id"] = sets[fresh[md5].names]
        made = self._new.write(CERTIFICATES, CERTIFICATES.c.cert_pem_md5)
        ids |= {md5: (made[md5], row["private_key_id"]) for md5, row in self._rows.items()}
        self._count(fresh.values(), keys)
        recents.point_new(self._ctx, self._db, self._latest(fresh, ids, new_names))
        names = {name for item in fresh.values() for name in item.names} - new_names.keys()
        for some in chunks(sorted(domains[name] for name in names)):
            recents.update_rows(self._ctx, self._db, some)
        return set(new_keys.values())

    def _latest(
        self,
        fresh: Mapping[str, Checked],
        ids: Mapping[str, tuple[int, int]],
        new_names: Mapping[str, int],
    ) -> Iterator[recents.Latest]:
        """Of names that are new: there are no certificates but these."""
        single: dict[str, tuple[datetime, int]] = {}
        multi: dict[str, tuple[datetime, int]] = {}
        for md5, row in self._rows.items():
            if row["is_active"]:
                latest = single if row["is_single_domain_cert"] else multi
                this = (row["timestamp_not_after"], ids[md5][0])
                for name in new_names.keys() & fresh[md5].names:
                    latest[name] = max(this, latest.get(name, this))
        for name in sorted(single.keys() | multi.keys()):
            ends = (latest.get(name, (None, None))[1] for latest in (single, multi))
            yield recents.Latest(new_names[name], *ends)

    def _known_keys(self, fresh: Iterable[Checked]) -> dict[str, Any]:
        """Locked: a key that is marked compromised at this moment makes no active certificate."""
        wanted = {item.key.spki_sha256 for item in fresh}
        columns = KEYS.c
        return found(
            self._db, columns.spki_sha256, wanted, columns.id, columns.is_compromised, lock=True
        )

    def _known_domains(self, fresh: Iterable[Checked]) -> dict[str, int]:
        names = {name for item in fresh for name in item.names}
        known = found(self._db, DOMAINS.c.domain_name, names, DOMAINS.c.id)
        return {name: row.id for name, row in known.items()}

    def _known_sets(self, fresh: Iterable[Checked], domains: Mapping[str, int]) -> dict[Names, int]:
        """A set with a name that is new is new."""
        digests = {
            digest_of(ids_string(domains[name] for name in item.names)): item.names
            for item in fresh
            if all(name in domains for name in item.names)
        }
        known = found(self._db, SETS.c.domain_ids_sha256, digests, SETS.c.id)
        return {digests[text]: row.id for text, row in known.items()}

    def _add(
        self,
        fresh: Mapping[str, Checked],
        keys: Mapping[str, Any],
        domains: Mapping[str, int],
        sets: Mapping[Names, int],
    ) -> None:
        """What has to be inserted, as far as it is known without ids."""
        kinds = OperationsEventType
        of_name: dict[str, events.Recorder] = {}
        of_set: dict[Names, events.Recorder] = {}
        of_key: dict[str, events.Recorder] = {}
        for md5, item in fresh.items():
            by = self._by[md5]
            of_set.setdefault(item.names, by)
            of_key.setdefault(item.key.spki_sha256, by)
            for name in item.names:
                of_name.setdefault(name, by)
        # In their order, so that two that insert the same do not wait for one another.
        for name in sorted(of_name.keys() - domains.keys()):
            by = of_name[name]
            self._new.add(kinds.DOMAIN_INSERT, DOMAINS, rows.domain(name, by.now), by)
        for names in sorted(of_set.keys() - sets.keys()):
            by = of_set[names]
            self._sets[names] = rows.fqdns(names, by.now)
            self._new.add(kinds.UNIQUE_FQDN_SET_INSERT, SETS, self._sets[names], by)
        count = Counter(item.key.spki_sha256 for item in fresh.values())
        by_spki = {item.key.spki_sha256: item.key for item in fresh.values()}
        for spki in sorted(by_spki.keys() - keys.keys()):
            by = of_key[spki]
            row = rows.private_key(by_spki[spki], count[spki], by.now)
            self._new.add(kinds.PRIVATE_KEY_INSERT, KEYS, row, by)
        for md5, item in fresh.items():
            by, key = self._by[md5], keys.get(item.key.spki_sha256)
            row = rows.certificate(item, md5, bool(key and key.is_compromised), by.now)
            self._rows[md5] = row
            self._new.add(kinds.CERTIFICATE_SIGNED_INSERT, CERTIFICATES, row, by)

    def _write_sets(self, domains: Mapping[str, int], sets: dict[Names, int]) -> None:
        """Insert the sets that are new, and add their ids to `sets`."""
        by_digest = {}
        for names, row in self._sets.items():
            text = ids_string(domains[name] for name in names)
            row["domain_ids_string"], row["domain_ids_sha256"] = text, digest_of(text)
            by_digest[row["domain_ids_sha256"]] = names
        made = self._new.write(SETS, SETS.c.domain_ids_sha256)
        sets |= {by_digest[text]: number for text, number in made.items()}
        members = [
            {"unique_fqdn_set_id": sets[names], "domain_id": domains[name]}
            for names in self._sets
            for name in names
        ]
        insert_all(self._db, MEMBERS, members)

    def _count(self, fresh: Iterable[Checked], keys: Mapping[str, Any]) -> None:
        """Keys that were there before; the others were stored with their count."""
        count = Counter(i.key.spki_sha256 for i in fresh if i.key.spki_sha256 in keys)
        counted = [
            {"key": keys[spki].id, "more": more, "now": self._ctx.now}
            for spki, more in sorted(count.items())
        ]
        prepared.run(self._db, COUNT, counted)

    def _link(self, chains: Mapping[int, int], known: Collection[Any]) -> None:
        """Tie certificates to their chains; the first becomes the default if there is none yet."""
        tied: dict[int, set[int]] = defaultdict(set)
        for some in chunks(row.id for row in known):
            for certificate, chain in self._db.execute(LINKS_OF, {"certificates": some}):
                tied[certificate].add(chain)
        links = [
            {
                "certificate_signed_id": certificate,
                "certificate_ca_chain_id": chain,
                "is_upstream_default": not tied[certificate],
            }
            for certificate, chain in chains.items()
            if chain not in tied[certificate]
        ]
        insert_all(self._db, LINKS, links)
        anew = {link["certificate_signed_id"] for link in links} & {row.id for row in known}
        if self._ctx.edge and anew:
            self._ctx.served_anew(served.domains_of(self._db, anew))
