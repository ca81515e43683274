"""A server that is broken or means harm: what it says is refused, with the reason."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from peter_sslers.errors import InvalidRequest, UpstreamError
from peter_sslers.lib.acme_v2 import (
    BadAnswer,
    Client,
    Exchange,
    ExternalAccountBinding,
    Gone,
    Problem,
    RateLimited,
    Servers,
    Unreachable,
    accounts,
    authorizations,
    certificates,
    orders,
    revocations,
)
from peter_sslers.lib.acme_v2.server import Watch
from tests.services.keys import EcKey
from tests.services.processes import free_port

from .hostile import Hostile, Say

CHAIN = "application/pem-certificate-chain"
PEM = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"


def order(hostile: Hostile, **change: Any) -> dict[str, Any]:
    good = {
        "status": "pending",
        "identifiers": [{"type": "dns", "value": "a.example.com"}],
        "authorizations": [f"{hostile.url}/authz/1"],
        "finalize": f"{hostile.url}/finalize/1",
    }
    return {**good, **change}


@pytest.mark.parametrize(
    "say",
    [
        Say(body=b"<html>", content_type="text/html"),
        Say(body=b"{}", content_type="text/plain"),
        Say(body=b"{"),
        Say(body=b"\xff\xfe"),
        Say(body=b"[]"),
        Say(body=b"null"),
        Say(body=b"[" * 500_000),
        Say(body=b" " * 2_000_000),
        Say(301, headers=(("Location", "http://169.254.169.254/"),)),
        Say(307, headers=(("Location", "/elsewhere"),)),
    ],
    ids=["html", "text", "cut", "bytes", "list", "null", "deep", "long", "301", "307"],
)
def test_what_is_no_order_is_a_bad_answer(hostile: Hostile, client: Client, say: Say) -> None:
    hostile.says["/order/1"] = [say]
    with pytest.raises(BadAnswer):
        orders.fetch(client, f"{hostile.url}/order/1")
    assert ("POST", "/elsewhere") not in hostile.asked


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/authz",
        "http://127.0.0.1:1/authz",
        "http://user@127.0.0.1/authz",
        "file:///etc/passwd",
        "//evil.example/authz",
        "http://[::1/authz",
        "http://127.0.0.1:99999/authz",
        "",
    ],
)
def test_urls_that_leave_the_server_are_refused(hostile: Hostile, client: Client, url: str) -> None:
    hostile.says["/order/1"] = [Say(body=order(hostile, authorizations=[url]))]
    with pytest.raises(BadAnswer):
        orders.fetch(client, f"{hostile.url}/order/1")
    with pytest.raises(BadAnswer):
        authorizations.fetch(client, url)  # from a row of long ago, for example


def test_a_url_that_is_not_ascii_is_refused(hostile: Hostile, servers: Servers) -> None:
    with pytest.raises(BadAnswer, match="no URL"):
        servers.get(f"{hostile.url}/dir").own(f"{hostile.url}/\N{GREEK SMALL LETTER ALPHA}")


def test_another_host_is_followed_if_it_was_allowed(hostile: Hostile) -> None:
    servers = Servers(allow_hosts=["issued.example"])
    server = servers.get(f"{hostile.url}/dir")
    assert server.own("http://issued.example:8080/x") == "http://issued.example:8080/x"
    with pytest.raises(BadAnswer):
        server.own("http://evil.issued.example/x")


def test_a_content_type_tells_no_lies_in_the_log(hostile: Hostile, client: Client) -> None:
    hostile.says["/order/1"] = [Say(body=b"{}", content_type="text/x\x1b[2Jall is well")]
    with pytest.raises(BadAnswer) as caught:
        orders.fetch(client, f"{hostile.url}/order/1")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("token", ["a" * 1000, "\N{GREEK SMALL LETTER ALPHA}"])
def test_a_token_that_no_column_takes_is_a_bad_answer(
    hostile: Hostile, client: Client, token: str
) -> None:
    challenge = {"type": "http-01", "status": "pending", "url": f"{hostile.url}/c", "token": token}
    identifier = {"type": "dns", "value": "a.example.com"}
    document = {"status": "pending", "identifier": identifier, "challenges": [challenge]}
    hostile.says["/authz/1"] = [Say(body=document)]
    with pytest.raises(BadAnswer, match="`token`"):
        authorizations.fetch(client, f"{hostile.url}/authz/1")


def test_an_order_without_location_is_a_bad_answer(hostile: Hostile, client: Client) -> None:
    hostile.says["/newOrder"] = [Say(201, order(hostile))]
    with pytest.raises(BadAnswer, match="which order"):
        orders.new(client, ["a.example.com"])


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://evil.example/order/1", "another host"),
        ("http://[", "no URL"),
        ("//[", "no URL"),
        ("/" + "1" * 2048, "no URL"),
    ],
    ids=["elsewhere", "broken", "half", "long"],
)
def test_an_order_that_lies_nowhere_is_a_bad_answer(
    hostile: Hostile, client: Client, location: str, words: str
) -> None:
    hostile.says["/newOrder"] = [Say(201, order(hostile), (("Location", location),))]
    with pytest.raises(BadAnswer, match=words):
        orders.new(client, ["a.example.com"])


def test_what_an_order_replaces_is_no_novel(hostile: Hostile, client: Client) -> None:
    hostile.says["/order/1"] = [Say(body=order(hostile, replaces="a" * 256))]
    with pytest.raises(BadAnswer, match="`replaces`"):
        orders.fetch(client, f"{hostile.url}/order/1")


@pytest.mark.parametrize("body", [b"<p>Please log in", b"{", b"[" * 500_000])
def test_a_portal_s_page_is_not_taken_for_a_deed(
    hostile: Hostile, client: Client, body: bytes
) -> None:
    hostile.says["/keyChange"] = hostile.says["/revokeCert"] = [Say(body=body)]
    key = client.key
    with pytest.raises(BadAnswer, match="else than JSON"):
        accounts.key_change(client, EcKey())
    assert client.key is key
    with pytest.raises(BadAnswer, match="else than JSON"):
        revocations.revoke(client, b"certificate")


@pytest.mark.parametrize("body", [b"", b"\n", b"{}", b"null"])
def test_a_deed_needs_no_words(hostile: Hostile, client: Client, body: bytes) -> None:
    hostile.says["/keyChange"] = hostile.says["/revokeCert"] = [Say(body=body)]
    accounts.key_change(client, EcKey())
    revocations.revoke(client, b"certificate")


@pytest.mark.parametrize(
    "say",
    [
        Say(body=PEM, content_type="text/plain"),
        Say(body=b"", content_type=CHAIN),
        Say(body=b"no certificate", content_type=CHAIN),
        Say(body=PEM + b"and more", content_type=CHAIN),
        Say(body=PEM + PEM.replace(b"CERTIFICATE", b"PRIVATE KEY"), content_type=CHAIN),
        Say(body=PEM * 10_000, content_type=CHAIN),
        Say(body=PEM[:28] + b" " * 250_000, content_type=CHAIN),
    ],
    ids=["type", "empty", "words", "more", "key", "long", "blank"],
)
def test_what_is_no_chain_is_a_bad_answer(hostile: Hostile, client: Client, say: Say) -> None:
    hostile.says["/cert/1"] = [say]
    with pytest.raises(BadAnswer):
        certificates.download(client, f"{hostile.url}/cert/1")


def test_alternates_that_can_not_be_had_do_not_cost_the_certificate(
    hostile: Hostile, client: Client
) -> None:
    links = '</cert/2>; rel=alternate, <http://evil.example/>;rel="alternate", </up>;rel="up"'
    links += ', <http://[>;rel="alternate"'
    hostile.says["/cert/1"] = [Say(body=PEM, headers=(("Link", links),), content_type=CHAIN)]
    assert certificates.download(client, f"{hostile.url}/cert/1") == (PEM.decode(),)
    assert ("POST", "/cert/2") in hostile.asked
    assert ("POST", "/up") not in hostile.asked


def test_a_list_of_orders_that_goes_in_circles_ends(hostile: Hostile, client: Client) -> None:
    account = {"status": "valid", "orders": f"{hostile.url}/orders"}
    hostile.says["/account/1"] = [Say(body=account)]
    page = {"orders": [f"{hostile.url}/order/1"]}
    hostile.says["/orders"] = [Say(body=page, headers=(("Link", '</orders>;rel="next"'),))]
    assert list(accounts.orders(client)) == [f"{hostile.url}/order/1"]


def test_a_list_of_orders_that_is_too_long_is_not_taken_for_all(
    hostile: Hostile, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "PAGES", 3)
    hostile.says["/account/1"] = [Say(body={"status": "valid", "orders": f"{hostile.url}/orders"})]
    for page, following in (("", "2"), ("2", "3"), ("3", "4")):
        headers = (("Link", f'</orders{following}>;rel="next"'),)
        hostile.says[f"/orders{page}"] = [Say(body={"orders": []}, headers=headers)]
    with pytest.raises(BadAnswer, match="over 3 pages"):
        list(accounts.orders(client))
    assert ("POST", "/orders4") not in hostile.asked
    hostile.says["/orders3"] = [Say(body={"orders": [f"{hostile.url}/order/1"]})]
    assert list(accounts.orders(client)) == [f"{hostile.url}/order/1"]


def test_a_gateway_that_fails_is_no_refusal(hostile: Hostile, client: Client) -> None:
    html = Say(502, b"<html>bad gateway", (("Retry-After", "7"),), "text/html")
    hostile.says["/newOrder"] = [html]
    with pytest.raises(Unreachable, match="HTTP 502") as caught:
        orders.new(client, ["a.example.com"])
    assert caught.value.retry_after_s == 7.0


def test_a_rate_limit_carries_retry_after(hostile: Hostile, client: Client) -> None:
    limited = {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "slowly"}
    hostile.says["/newOrder"] = [Say(429, limited, (("Retry-After", "60"),))]
    with pytest.raises(RateLimited) as caught:
        orders.new(client, ["a.example.com"])
    assert (caught.value.code, caught.value.retry_after_s) == (429, 60.0)


def test_nobody_there_names_the_host(servers: Servers) -> None:
    port = free_port()
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} can not be reached"):
        servers.get(f"http://127.0.0.1:{port}/dir").directory()


def test_a_connection_that_is_cut_names_the_host(hostile: Hostile, client: Client) -> None:
    client.server.directory()
    hostile.says["/order/1"] = [Say(hang_up=True)]
    with pytest.raises(
        Unreachable, match=r"127\.0\.0\.1:\d+ can not be reached: Remote end closed"
    ):
        orders.fetch(client, f"{hostile.url}/order/1")


def test_a_server_that_dribbles_is_left(hostile: Hostile) -> None:
    servers = Servers(timeout=0.2)
    hostile.says["/dir"] = [Say(body=b" " * 1000, dribble_s=0.02)]
    with pytest.raises(Unreachable, match="too slow"):
        servers.get(f"{hostile.url}/dir").directory()
    servers.close()


def test_an_answer_whose_rest_never_comes_is_too_slow(hostile: Hostile) -> None:
    servers = Servers(timeout=0.1)
    hostile.says["/dir"] = [Say(body=b"  ", dribble_s=1.0)]
    with pytest.raises(Unreachable, match="too slow"):
        servers.get(f"{hostile.url}/dir").directory()
    servers.close()


def test_every_request_has_its_before_and_a_user_agent(hostile: Hostile, servers: Servers) -> None:
    called: list[int] = []
    server = servers.get(f"{hostile.url}/dir")
    client = Client(server, EcKey(), "kid", before=lambda: called.append(len(hostile.asked)))
    hostile.says["/newOrder"] = [Say(201, order(hostile), (("Location", "/order/1"),))]
    assert orders.new(client, ["a.example.com"]).url == f"{hostile.url}/order/1"
    assert called == [0, 1, 2]  # directory, nonce, order
    assert all(h["User-Agent"].startswith("peter_sslers/") for h in hostile.headers)


def test_nothing_is_sent_if_before_refuses(hostile: Hostile, servers: Servers) -> None:
    def refuse() -> None:
        raise RuntimeError("a write is open")

    client = Client(servers.get(f"{hostile.url}/dir"), EcKey(), "kid", before=refuse)
    with pytest.raises(RuntimeError, match="a write is open"):
        orders.fetch(client, f"{hostile.url}/order/1")
    assert hostile.asked == []


def test_the_directory_is_asked_once_and_again_after_a_404_of_its_urls(
    hostile: Hostile, client: Client
) -> None:
    for _ in range(2):
        with pytest.raises(Gone):
            orders.fetch(client, f"{hostile.url}/order/1")
    assert hostile.asked.count(("GET", "/dir")) == 1
    with pytest.raises(Gone):
        orders.new(client, ["a.example.com"])
    client.server.directory()
    assert hostile.asked.count(("GET", "/dir")) == 2


def test_a_silent_server_does_not_make_its_clients_stand_in_a_queue(hostile: Hostile) -> None:
    servers = Servers(timeout=5)
    server = servers.get(f"{hostile.url}/dir")
    both = threading.Barrier(2, timeout=5)
    asks = Watch(before=lambda: both.wait() and None)  # no one asks before the other does, too
    with ThreadPoolExecutor(2) as clients:
        found = [clients.submit(server.directory, asks) for _ in range(2)]
    assert found[0].result() == found[1].result()
    servers.close()


def test_an_old_directory_is_better_than_none(hostile: Hostile, client: Client) -> None:
    known = client.server.directory()
    hostile.says["/dir"] = [Say(500, b"", content_type="text/html")]
    with pytest.raises(Gone):
        orders.new(client, ["a.example.com"])
    assert client.server.directory() == known


def test_who_wants_the_directory_of_now_gets_no_old_one(hostile: Hostile, client: Client) -> None:
    known = client.server.directory()
    hostile.says["/dir"] = [Say(503)]
    with pytest.raises(Unreachable):
        client.server.directory(anew=True)
    assert client.server.directory() == known


def test_the_directory_is_asked_again_after_a_profile_that_is_none(
    hostile: Hostile, client: Client
) -> None:
    kind = "urn:ietf:params:acme:error:invalidProfile"
    hostile.says["/newOrder"] = [Say(403, {"type": kind, "detail": "gone"})]
    with pytest.raises(Problem, match="invalidProfile: gone"):
        orders.new(client, ["a.example.com"], profile="old")
    before = hostile.asked.count(("GET", "/dir"))
    client.server.directory()
    assert hostile.asked.count(("GET", "/dir")) == before + 1


def test_a_directory_without_meta_and_key_change_is_enough(
    hostile: Hostile, client: Client
) -> None:
    urls = {name: f"{hostile.url}/{name}" for name in ("newNonce", "newAccount", "newOrder")}
    hostile.says["/dir"] = [Say(body={**urls, "adD-kE_y": "https://community.example/t/1"})]
    directory = client.server.directory()
    assert (directory.key_change, directory.terms_of_service) == (None, None)
    with pytest.raises(BadAnswer, match="does not offer keyChange"):
        accounts.key_change(client, EcKey())


@pytest.mark.parametrize("terms", ["https://ca.example/\N{GREEK SMALL LETTER ALPHA}", ""])
def test_terms_without_an_address_are_none(hostile: Hostile, client: Client, terms: str) -> None:
    directory = hostile.says["/dir"][0].body
    hostile.says["/dir"] = [Say(body={**directory, "meta": {"termsOfService": terms}})]
    assert client.server.directory().terms_of_service is None


def test_an_account_that_is_not_registered_asks_nothing(hostile: Hostile, servers: Servers) -> None:
    client = Client(servers.get(f"{hostile.url}/dir"), EcKey())
    with pytest.raises(InvalidRequest, match="not registered"):
        orders.fetch(client, f"{hostile.url}/order/1")


def test_an_exchange_tells_what_happened(
    hostile: Hostile, client: Client, exchanges: list[Exchange]
) -> None:
    hostile.says["/order/1"] = [Say(403, {"type": "urn:ietf:params:acme:error:unauthorized"})]
    with pytest.raises(Problem):
        orders.fetch(client, f"{hostile.url}/order/1")
    said = exchanges[-1]
    assert (said.method, said.url, said.status) == ("POST", f"{hostile.url}/order/1", 403)
    assert isinstance(said.problem, Problem)
    assert said.problem.type == "unauthorized"


def test_the_log_has_one_clean_line_an_exchange_and_no_secret(
    hostile: Hostile, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "peter_sslers.lib.acme_v2")
    client.account_url = None
    binding = ExternalAccountBinding("kid-1", "c2VjcmV0LXNlY3JldA")
    hostile.says["/newAccount"] = [Say(201, b'{"a":\n"b\x1b[0m"}', content_type="text/html")]
    with pytest.raises(UpstreamError):
        accounts.new(client, contact=["a@example.com"], eab=binding)
    sent = json.loads(hostile.bodies[-1])
    text = caplog.text.replace("\n", "")
    assert "POST" in text
    assert all(record.getMessage().isprintable() for record in caplog.records)
    assert "c2VjcmV0" not in text
    assert sent["signature"] not in text
