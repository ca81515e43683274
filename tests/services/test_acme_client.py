"""The ACME client against Pebble, which nobody of ours has written."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from cryptography import x509

from peter_sslers.enums import AuthorizationStatus, ChallengeStatus, ChallengeType, OrderStatus
from peter_sslers.lib.acme_v2 import (
    AccountStatus,
    Client,
    ExternalAccountBinding,
    Gone,
    Key,
    Order,
    Problem,
    Servers,
    Unreachable,
    accounts,
    authorizations,
    certificates,
    challenges,
    jws,
    orders,
    polling,
    revocations,
)

from .dns import Dns
from .http01 import Http01
from .keys import EcKey, RsaKey, csr, der
from .pebble import Options, Pebble, StartPebble

pytestmark = pytest.mark.service("pebble")

_number = itertools.count()


def fresh(count: int = 1) -> list[str]:
    """Names that nobody has asked for yet: an authorization may be reused."""
    return [f"n{next(_number)}.example.com" for _ in range(count)]


@dataclass(frozen=True)
class Bed:
    """What an order needs: where the CA is, and where it will look."""

    servers: Servers
    http01: Http01
    dns: Dns

    def client(self, pebble: Pebble, key: Key | None = None, *, register: bool = True) -> Client:
        server = self.servers.get(pebble.directory_url, str(pebble.ca_file))
        client = Client(server, key or EcKey())
        if register:
            accounts.new(client, contact=["a@example.com"])
        return client

    def ready(self, client: Client, names: Sequence[str]) -> Order:
        """An order whose names are proved by http-01."""
        order = orders.new(client, names)
        for url in order.authorizations:
            challenge = authorizations.fetch(client, url).challenge(ChallengeType.HTTP_01)
            assert challenge
            self.http01.tokens[challenge.token] = jws.key_authorization(challenge.token, client.key)
            challenges.answer(client, challenge.url)
        return polling.settled(lambda: orders.fetch(client, order.url))

    def issue(self, client: Client, names: Sequence[str], key: EcKey | None = None) -> Order:
        order = self.ready(client, names)
        assert order.status is OrderStatus.READY
        orders.finalize(client, order.finalize, csr(names, key), order.url)
        return polling.settled(lambda: orders.fetch(client, order.url))

    def obtain(self, client: Client, names: Sequence[str]) -> tuple[str, ...]:
        return certificates.download(client, self.issue(client, names).certificate or "")


@pytest.fixture
def bed(http01: Http01, dns: Dns) -> Iterator[Bed]:
    servers = Servers()
    yield Bed(servers, http01, dns)
    servers.close()


def names_of(chain: str) -> set[str]:
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    sans = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(san.value) for san in sans}


@pytest.mark.parametrize("key", [EcKey, RsaKey], ids=["EC", "RSA"])
def test_a_certificate_is_issued_for_every_kind_of_account_key(
    bed: Bed, pebble: Pebble, key: Callable[[], Key]
) -> None:
    names = fresh()
    (chain,) = bed.obtain(bed.client(pebble, key()), names)
    assert names_of(chain) == set(names)


@pytest.mark.parametrize("percent", [5, 50])
def test_refused_nonces_are_nobodys_trouble(
    bed: Bed, start_pebble: StartPebble, percent: int
) -> None:
    pebble = start_pebble(Options(nonce_reject_percent=percent))
    names = fresh(3)
    (chain,) = bed.obtain(bed.client(pebble), names)
    assert names_of(chain) == set(names)


@pytest.mark.parametrize("count", [1, 3])
def test_an_order_of_n_names_is_2n_plus_5_requests(bed: Bed, pebble: Pebble, count: int) -> None:
    client = bed.client(pebble)
    with pebble.counting() as asked:
        bed.obtain(client, fresh(count))
    polls = sum(path.startswith("/my-order/") for _, path in asked) - 2
    assert len(asked) == 2 * count + 5 + polls
    assert {method for method, _ in asked} == {"POST"}


def test_many_threads_share_one_server(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    wanted = [fresh() for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        chains = pool.map(lambda names: bed.obtain(client, names)[0], wanted)
    assert [names_of(chain) for chain in chains] == [set(names) for names in wanted]


def test_an_address_gets_a_certificate(bed: Bed, pebble: Pebble) -> None:
    (chain,) = bed.obtain(bed.client(pebble), ["127.0.0.1"])
    assert names_of(chain) == {"127.0.0.1"}


def test_a_wildcard_is_proved_by_dns(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    (name,) = fresh()
    order = orders.new(client, [f"*.{name}"])
    authorization = authorizations.fetch(client, order.authorizations[0])
    assert (authorization.wildcard, authorization.identifier.value) == (True, name)
    challenge = authorization.challenge(ChallengeType.DNS_01)
    assert challenge
    value = jws.dns_01_value(jws.key_authorization(challenge.token, client.key))
    bed.dns.names.txt[f"_acme-challenge.{name}"] = [value]
    challenges.answer(client, challenge.url)
    done = polling.settled(lambda: authorizations.fetch(client, authorization.url))
    assert done.status is AuthorizationStatus.VALID


def test_a_failed_challenge_tells_why(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    order = orders.new(client, fresh())
    authorization = authorizations.fetch(client, order.authorizations[0])
    challenge = authorization.challenge(ChallengeType.HTTP_01)
    assert challenge
    challenges.answer(client, challenge.url)
    said = polling.settled(lambda: challenges.fetch(client, challenge.url))
    assert said.status is ChallengeStatus.INVALID
    assert said.error
    assert said.error.type == "unauthorized"
    assert orders.fetch(client, order.url).status is OrderStatus.INVALID


def test_an_account_is_found_by_its_key(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble, register=False)
    with pytest.raises(Problem) as caught:
        accounts.new(client, contact=[], only_existing=True)
    assert caught.value.type == "accountDoesNotExist"
    made = accounts.new(client, contact=["a@example.com"])
    found = accounts.new(client, contact=[], only_existing=True)
    again = accounts.new(client, contact=["mailto:b@example.com"])
    assert (made.created, found.created, again.created) == (True, False, False)
    assert made.url == found.url == again.url == client.account_url


def test_contacts_can_be_changed(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    accounts.update(client, contact=["b@example.com", "c@example.com"])
    account = accounts.fetch(client)
    assert account.contact == ("mailto:b@example.com", "mailto:c@example.com")
    assert account.status is AccountStatus.VALID


def test_a_deactivated_account_can_do_no_more(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    assert accounts.deactivate(client).status is AccountStatus.DEACTIVATED
    with pytest.raises(Problem) as caught:
        orders.new(client, fresh())
    assert caught.value.type == "unauthorized"


def test_an_accounts_key_can_be_changed(bed: Bed, pebble: Pebble) -> None:
    old, new = EcKey(), RsaKey()
    client = bed.client(pebble, old)
    accounts.key_change(client, new)
    assert client.key is new
    assert orders.new(client, fresh()).status is OrderStatus.PENDING
    with pytest.raises(Problem):
        orders.new(Client(client.server, old, client.account_url), fresh())


def test_a_key_that_another_account_has_can_not_be_changed_to(bed: Bed, pebble: Pebble) -> None:
    taken = EcKey()
    bed.client(pebble, taken)
    client = bed.client(pebble)
    before = client.key
    with pytest.raises(Problem, match="already in use"):
        accounts.key_change(client, taken)
    assert client.key is before


def test_an_account_that_needs_a_binding_is_made_with_it(
    bed: Bed, start_pebble: StartPebble
) -> None:
    secret = jws.b64(b"what the CA gave to its customer")
    pebble = start_pebble(Options(eab=(("kid-1", secret),)))
    client = bed.client(pebble, register=False)
    assert client.server.directory().external_account_required
    with pytest.raises(Problem) as caught:
        accounts.new(client, contact=["a@example.com"])
    assert caught.value.type == "externalAccountRequired"
    wrong = ExternalAccountBinding("kid-1", jws.b64(b"something else"))
    with pytest.raises(Problem):
        accounts.new(client, contact=["a@example.com"], eab=wrong)
    right = ExternalAccountBinding("kid-1", secret)
    assert accounts.new(client, contact=["a@example.com"], eab=right).created


def test_alternate_chains_come_after_the_default(bed: Bed, start_pebble: StartPebble) -> None:
    pebble = start_pebble(Options(alternate_roots=2, chain_length=2))
    client = bed.client(pebble)
    url = bed.issue(client, fresh()).certificate or ""
    chains = certificates.download(client, url)
    assert len({der(chain) for chain in chains}) == 1
    assert [chain.count("BEGIN CERTIFICATE") for chain in chains] == [3, 3, 3]
    assert certificates.download(client, url, alternates=False) == chains[:1]


def test_an_authorization_can_be_given_up(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    (url,) = orders.new(client, fresh()).authorizations
    assert authorizations.deactivate(client, url).status is AuthorizationStatus.DEACTIVATED


@pytest.mark.parametrize("by", ["account", "certificate key"])
def test_a_certificate_is_revoked(bed: Bed, pebble: Pebble, by: str) -> None:
    client, key = bed.client(pebble), EcKey()
    order = bed.issue(client, fresh(), key)
    (chain,) = certificates.download(client, order.certificate or "")
    revocations.revoke(client, der(chain), 4, key if by == "certificate key" else None)
    serial = x509.load_pem_x509_certificate(chain.encode()).serial_number
    status = pebble.management(f"/cert-status-by-serial/{serial:x}")
    assert b"Revoked" in status
    with pytest.raises(Problem) as caught:
        revocations.revoke(client, der(chain))
    assert caught.value.type == "alreadyRevoked"


def test_a_name_that_the_ca_refuses_is_named(bed: Bed, pebble: Pebble) -> None:
    with pytest.raises(Problem, match=r"rejectedIdentifier.*blocked\.example"):
        orders.new(bed.client(pebble), [*fresh(), "www.blocked.example"])


def test_what_the_ca_does_not_know_is_gone(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    url = orders.new(client, fresh()).url
    with pytest.raises(Gone):
        orders.fetch(client, f"{url}x")


def test_an_accounts_orders_are_listed_over_several_pages(bed: Bed, pebble: Pebble) -> None:
    client = bed.client(pebble)
    made = [orders.new(client, fresh()).url for _ in range(5)]
    assert sorted(accounts.orders(client)) == sorted(made)


def test_the_environment_does_not_choose_whom_we_trust(
    pebble: Pebble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pebble.ca_file))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(pebble.ca_file))
    servers = Servers()
    with pytest.raises(Unreachable, match="can not be trusted"):
        servers.get(pebble.directory_url).directory()
    pem = pebble.ca_file.read_text()
    assert servers.get(pebble.directory_url, pem).directory().new_order
    servers.close()


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_a_test_installation_may_trust_anybody(pebble: Pebble) -> None:
    servers = Servers()
    assert servers.get(pebble.directory_url, verify=False).directory().new_order
    servers.close()
