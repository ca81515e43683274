"""Which requests go out once more, and which never: a server may have done what it was asked."""

from __future__ import annotations

import pytest

from peter_sslers.errors import UpstreamError
from peter_sslers.lib.acme_v2 import BadAnswer, BadNonce, Client, Exchange, orders
from peter_sslers.lib.acme_v2.client import TRIES

from .hostile import Hostile, Say
from .test_hostile_answers import order

BAD_NONCE = {"type": "urn:ietf:params:acme:error:badNonce", "detail": "used"}
LATER = (("Retry-After", "0"),)
OVERLOADED = Say(503, b"<h1>Service Unavailable", LATER, "text/html")


@pytest.mark.parametrize(
    "say",
    [OVERLOADED, Say(503, {"type": "urn:ietf:params:acme:error:serverInternal"}, LATER)],
    ids=["gateway", "CA"],
)
def test_what_the_server_may_have_done_is_not_asked_for_again(
    hostile: Hostile, client: Client, say: Say
) -> None:
    client.patience_s = 5.0
    hostile.says["/newOrder"] = [say, Say(201, order(hostile), (("Location", "/order/2"),))]
    with pytest.raises(UpstreamError):
        orders.new(client, ["a.example.com"])
    assert hostile.asked.count(("POST", "/newOrder")) == 1


def test_what_the_server_has_refused_for_now_is_asked_for_once_more(
    hostile: Hostile, client: Client
) -> None:
    client.patience_s = 5.0
    limited = Say(429, {"type": "urn:ietf:params:acme:error:rateLimited"}, LATER)
    hostile.says["/newOrder"] = [limited, Say(201, order(hostile), (("Location", "/order/1"),))]
    assert orders.new(client, ["a.example.com"]).url == f"{hostile.url}/order/1"
    assert client.sent == hostile.asked.count(("POST", "/newOrder")) == 2


def test_what_only_asks_is_asked_once_more(hostile: Hostile, client: Client) -> None:
    client.patience_s = 5.0
    hostile.says["/order/1"] = [OVERLOADED, Say(body=order(hostile))]
    assert orders.fetch(client, f"{hostile.url}/order/1").url == f"{hostile.url}/order/1"


def test_what_never_went_out_is_sent_for_the_first_time(hostile: Hostile, client: Client) -> None:
    client.patience_s = 5.0
    hostile.says["/newNonce"] = [OVERLOADED, Say()]
    hostile.says["/newOrder"] = [Say(201, order(hostile), (("Location", "/order/1"),))]
    assert orders.new(client, ["a.example.com"]).url == f"{hostile.url}/order/1"
    assert client.sent == hostile.asked.count(("POST", "/newOrder")) == 1


def test_a_bad_nonce_is_repeated_with_the_one_that_came_along(
    hostile: Hostile, client: Client, exchanges: list[Exchange]
) -> None:
    hostile.says["/order/1"] = [Say(400, BAD_NONCE), Say(400, BAD_NONCE), Say(body=order(hostile))]
    orders.fetch(client, f"{hostile.url}/order/1")
    assert [e.nonce_retry for e in exchanges if e.method == "POST"] == [True, True, False]
    assert hostile.asked.count(("HEAD", "/newNonce")) == 1


def test_a_server_that_likes_no_nonce_is_not_asked_for_ever(
    hostile: Hostile, client: Client
) -> None:
    hostile.says["/order/1"] = [Say(400, BAD_NONCE)]
    with pytest.raises(BadNonce):
        orders.fetch(client, f"{hostile.url}/order/1")
    assert hostile.asked.count(("POST", "/order/1")) == TRIES


def test_a_nonce_that_is_none_is_not_used(hostile: Hostile, client: Client) -> None:
    hostile.says["/newNonce"] = [Say(headers=(("Replay-Nonce", "not base64url!"),))]
    hostile.says["/order/1"] = [Say(body=order(hostile))]
    with pytest.raises(BadAnswer, match="no Replay-Nonce"):
        orders.fetch(client, f"{hostile.url}/order/1")
