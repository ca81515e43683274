"""The shipped CA certificates are what they say."""

import pytest

from peter_sslers.lib import ca_certs, x509
from peter_sslers.lib.x509.pem import clean_pem

EVERY = ca_certs.every()


@pytest.mark.parametrize("known", EVERY, ids=lambda k: k.name)
def test_the_fingerprints_are_right(known):
    parsed = x509.choose().certificate(known.pem)
    assert (parsed.fingerprint_sha1, parsed.fingerprint_sha256) == (known.sha1, known.sha256)
    assert parsed.is_ca
    assert clean_pem(known.pem) == parsed.pem


def test_each_has_a_name_and_a_number_of_its_own():
    for field in ("id", "name", "file", "display_name", "sha256"):
        values = [getattr(known, field) for known in EVERY]
        assert len(set(values)) == len(values), field
    assert [known.id for known in EVERY] == sorted(known.id for known in EVERY)


def test_what_refers_to_them_names_ones_that_are_there():
    names = {known.name for known in EVERY}
    stores = ca_certs.root_stores()
    assert {*ca_certs.preferred(), *stores.versions} <= names
    assert all(len(texts) <= len(stores.stores) for texts in stores.versions.values())
