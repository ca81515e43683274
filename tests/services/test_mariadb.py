"""MariaDB has the same tables; what it lacks are the unique indexes over some of the rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from peter_sslers.enums import OperationsEventType
from peter_sslers.errors import FieldErrors
from peter_sslers.lib.actions import imports, maintenance
from peter_sslers.lib.estates import Triplet
from peter_sslers.lib.store import calendar, events, unique_fqdn_sets
from peter_sslers.model import AcmeAccountProvider, Base, PrivateKey
from tests import factories as make

from .databases import context, initialize, opened
from .estate import NOW, Ca, Signed

pytestmark = pytest.mark.service("mariadb")


@pytest.fixture
def database(mariadb_url):
    initialize(mariadb_url)
    found = opened(mariadb_url)
    yield found
    found.close_connections()


def test_only_partial_indexes_are_missing(database):
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert {difference[0] for difference in found} == {"add_index"}
    assert all(index.dialect_options["sqlite"]["where"] is not None for _, index in found)


def test_rows_are_written_and_read(database, mariadb_url):
    initialize(mariadb_url)
    ctx = context(database)
    with ctx.commit():
        fqdns = unique_fqdn_sets.get_or_create(ctx, ["b.example.com", "a.example.com"])
        order = make.order(ctx.db, unique_fqdn_set=fqdns, timestamp_created=ctx.now)
    ctx.db.expire_all()
    assert order.timestamp_created == ctx.now
    assert order.domains_as_list == ["a.example.com", "b.example.com"]
    assert ctx.db.get(PrivateKey, 0).is_placeholder
    assert ctx.db.get(AcmeAccountProvider, 6) is not None
    ctx.db.close()


def test_pointers_and_counters_are_made_true_and_what_is_over_goes_out_of_use(database):
    ctx = context(database)
    with ctx.commit():
        names = make.fqdns(ctx.db, "a.example.com")
        over, valid = (
            make.certificate(
                ctx.db, unique_fqdn_set=names, timestamp_not_after=ctx.now + timedelta(days=days)
            )
            for days in (-1, 1)
        )
        names.domains[0].certificate_signed_id__latest_single = over.id
    maintenance.update_recents(ctx)
    assert maintenance.deactivate_expired(ctx)[0] == 1
    ctx.db.expire_all()
    assert names.domains[0].certificate_signed_id__latest_single == valid.id
    assert (over.is_active, valid.is_active) == (False, True)
    assert valid.private_key.count_certificate_signeds == 1
    assert calendar.issues(ctx.db, calendar.of_domain(names.domains[0]))
    ctx.db.close()


def test_a_subject_that_no_column_takes_is_told_on_its_field(database):
    ca, key = Ca(), ec.generate_private_key(ec.SECP256R1())
    # A character of one octet that is written with three.
    long = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "\x01" * 30_000, _validate=False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([long]))
        .issuer_name(ca.issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example.com")]), critical=False)
        .sign(ca.issuer.key, hashes.SHA256())
    )
    leaf = Signed(certificate, key)
    brought = Triplet("it", leaf.pem, leaf.key_pem, ca.chain)
    ctx = context(database)
    with pytest.raises(FieldErrors) as refused:
        imports.upload(ctx, brought)
    assert refused.value.errors == {"certificate_file": imports.NOT_TAKEN}
    (result,) = imports.import_all(ctx, [brought])
    assert result.reason == imports.NOT_TAKEN
    ctx.db.close()


def test_an_event_may_name_a_hundred_thousand_certificates(database):
    """As many as may be over after an old estate was imported."""
    ctx = context(database)
    ids = list(range(1_000_000, 1_100_000))
    with ctx.commit():
        kind = OperationsEventType.CERTIFICATE_SIGNED_DEACTIVATE_EXPIRED
        event = events.record(ctx, kind, {"certificate_signed.ids": ids})
    ctx.db.expire_all()
    assert event.event_payload_json["certificate_signed.ids"] == ids
    ctx.db.close()
