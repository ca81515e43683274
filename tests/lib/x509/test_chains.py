import pytest

from peter_sslers.lib.x509 import InvalidChain, pem


@pytest.fixture
def chain(read):
    """`chain("leaf", "root")` → the PEMs of these."""
    return lambda *labels: [read(f"chains/{label}.pem") for label in labels]


def check(backend, pems):
    backend.check_chain([backend.certificate(pem) for pem in pems])


@pytest.mark.parametrize(
    "labels",
    [
        ("leaf", "intermediate"),
        ("leaf", "intermediate", "root"),
        ("leaf", "intermediate_cross", "other_root"),
        ("intermediate", "root"),
        ("ec_leaf", "ec_intermediate", "ec_root"),
        ("root", "root"),
    ],
)
def test_chains_in_order(backend, chain, labels):
    check(backend, chain(*labels))


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("intermediate", "leaf"), "certificate 1 .* another name"),
        (("leaf", "root", "intermediate"), "certificate 1 .* another name"),
        (("leaf", "intermediate", "other_root"), "certificate 2 .* another name"),
        (("leaf", "impostor"), "signature does not fit"),
        (("leaf_bad_signature", "intermediate"), "signature does not fit"),
        (("leaf", "no_ca"), "no CA certificate"),
        (("ed25519_leaf", "ed25519_root"), "1.3.101.112 is not one that is accepted"),
        (("leaf",), "2 to 10, not 1 certificates"),
        (("leaf",) * 11, "not 11"),
    ],
)
def test_chains_that_are_none(backend, chain, labels, words):
    with pytest.raises(InvalidChain, match=f"^could not verify: .*{words}"):
        check(backend, chain(*labels))


def test_sha1_signatures_are_not_accepted(backend, read):
    with pytest.raises(InvalidChain, match=r"1\.5 is not one that is accepted"):
        check(backend, [read("certificates/sha1.pem"), read("chains/intermediate.pem")])


def test_dates_are_not_looked_at(backend, read):
    check(backend, [read("certificates/expired.pem"), read("chains/intermediate.pem")])


def test_the_fullchain_splits_into_its_certificates(backend, chain, read):
    assert pem.split_pems(read("chains/fullchain.pem")) == chain("leaf", "intermediate")


@pytest.mark.parametrize(
    ("between", "root"),
    [
        (("intermediate",), "root"),
        (("intermediate_cross",), "other_root"),
        (("intermediate_cross", "intermediate"), "root"),
        (("impostor", "intermediate"), "root"),
        (("intermediate", "leaf"), "root"),
        (("intermediate", "root"), "root"),
        ((), "intermediate"),
    ],
)
def test_ways_to_a_root(backend, chain, between, root):
    backend.check_to_root(chain("leaf")[0], chain(*between), chain(root)[0])


@pytest.mark.parametrize(
    ("between", "root"),
    [
        ((), "root"),
        (("intermediate",), "other_root"),
        (("intermediate_cross",), "root"),
        (("impostor",), "root"),
        (("no_ca",), "root"),
        (("intermediate",), "leaf_bad_signature"),
    ],
)
def test_no_way_to_a_root(backend, chain, between, root):
    with pytest.raises(InvalidChain, match="does not lead over its chain to the root"):
        backend.check_to_root(chain("leaf")[0], chain(*between), chain(root)[0])


def test_a_root_leads_to_itself(backend, chain):
    backend.check_to_root(chain("root")[0], [], chain("root")[0])


def test_a_long_chain_is_refused(backend, chain):
    with pytest.raises(InvalidChain, match="at most 10"):
        backend.check_to_root(chain("leaf")[0], chain("root") * 11, chain("root")[0])
