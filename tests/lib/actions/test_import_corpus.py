"""Every certificate of cryptography's own test vectors is taken or refused, and nothing between."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest
from sqlalchemy import select

from peter_sslers import model
from peter_sslers.enums import KeyTechnology
from peter_sslers.errors import FieldErrors, SslersError
from peter_sslers.lib import x509
from peter_sslers.lib.actions import ca_uploads, import_reading, imports
from peter_sslers.lib.actions.import_reading import Checked, Reader
from peter_sslers.lib.actions.imports import Outcome
from peter_sslers.lib.context import Context
from peter_sslers.lib.estates import Triplet
from tests.services.estate import Ca

VECTORS = Path(cryptography_vectors.__file__).parent / "x509"
FILES = sorted(p for p in VECTORS.rglob("*") if p.is_file())
KEYS = [p for p in FILES if b"PRIVATE KEY-----" in p.read_bytes()]


def name_of(path: Path) -> str:
    return path.relative_to(VECTORS).as_posix()


def half_rows(ctx: Context) -> list[int]:
    """Certificates without a chain, keys and sets of names without a certificate."""
    ctx.outside()
    certificate, key, fqdns = model.CertificateSigned, model.PrivateKey, model.UniqueFQDNSet
    linked = select(model.CertificateSignedChain.certificate_signed_id)
    used = select(certificate.private_key_id)
    named = select(certificate.unique_fqdn_set_id)
    return [
        *ctx.db.scalars(select(certificate.id).where(certificate.id.not_in(linked))),
        *ctx.db.scalars(select(key.id).where(key.id.not_in(used), key.id != 0)),
        *ctx.db.scalars(select(fqdns.id).where(fqdns.id.not_in(named))),
    ]


def test_every_file_is_imported_or_refused_with_a_reason(ctx: Context) -> None:
    """With the keys that lie beside it, each file also as its own chain."""
    assert len(FILES) > 1_000
    tried = [
        Triplet(name_of(path), path.read_bytes(), key.read_bytes(), path.read_bytes())
        for path in FILES
        for key in {path, *(key for key in KEYS if key.parent == path.parent)}
    ]
    results = list(imports.import_all(ctx, tried))
    assert len(results) == len(tried)
    assert all(r.reason for r in results if r.outcome is Outcome.REFUSED)
    assert half_rows(ctx) == []


def judged(authority: Ca) -> Iterator[Checked | str]:
    """Each certificate as if its key and its chain had come with it; or why it is refused."""
    chain = tuple(x509.read_certificates(authority.chain))
    for path in FILES:
        try:
            found = import_reading.read_certificates(path.read_bytes(), "certificate_file")
        except FieldErrors as exc:
            yield str(exc)
            continue
        for leaf in found:
            key = x509.PrivateKey(leaf.spki_sha256, KeyTechnology.RSA, 2048, leaf.spki_sha256, None)
            try:
                import_reading.check(leaf)
                names = import_reading.names_of(leaf)
            except FieldErrors as exc:
                yield str(exc)
            else:
                yield Checked(name_of(path), leaf, key, names, chain)


def test_what_passes_the_checks_is_taken_by_the_database(ctx: Context) -> None:
    found = list(judged(Ca("Corpus")))
    good = [item for item in found if isinstance(item, Checked)]
    assert all(item for item in found)
    stored = imports.Writer(ctx).write(good)
    assert None not in stored
    assert half_rows(ctx) == []
    count = Counter(bool(isinstance(item, Checked)) for item in found)
    assert count[True] > 30
    assert count[False] > 1_000


@pytest.mark.parametrize("upload", [ca_uploads.upload_ca, ca_uploads.upload_chain])
def test_as_a_ca_or_a_chain_each_is_stored_or_refused(ctx: Context, upload: object) -> None:
    stored = 0
    for path in FILES:
        with contextlib.suppress(SslersError):
            upload(ctx, path.read_bytes(), "")  # type: ignore[operator]
            stored += 1
    assert stored > 20


def test_a_reader_is_not_confused_by_what_it_has_read(ctx: Context) -> None:
    """The chains that it remembers are those that were good."""
    authority = Ca("Reader")
    reader = Reader(ctx)
    leaf = authority.leaf("a.example.com")
    bad = Triplet("bad", leaf.pem, leaf.key_pem, Ca("Other").chain)
    good = Triplet("good", leaf.pem, leaf.key_pem, authority.chain)
    with pytest.raises(FieldErrors):
        reader.read(bad)
    for brought in (good, bad, good):
        assert reader.read(brought).chain[0].pem == authority.chain.decode()
    assert "the one of a known CA was taken" in reader.read(bad).note
