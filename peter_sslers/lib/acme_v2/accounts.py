"""Accounts: RFC 8555 section 7.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import jws
from .client import Client
from .jws import ExternalAccountBinding
from .messages import Account
from .problems import BadAnswer

PAGES = 100  # of an account's list of orders


def new(
    client: Client,
    *,
    contact: Sequence[str],
    terms_agreed: bool = True,
    only_existing: bool = False,
    eab: ExternalAccountBinding | None = None,
) -> Account:
    """Make the account of the client's key, or find it if it is there; sets client.account_url.

    `contact`: e-mail addresses or URIs. With `only_existing` nothing is made: the Problem is
    `accountDoesNotExist` (section 7.3.1).
    """
    url = client.server.directory(client.watch).new_account
    payload: dict[str, Any] = {"termsOfServiceAgreed": terms_agreed, "contact": uris(contact)}
    if only_existing:
        payload = {"onlyReturnExisting": True}
    elif eab:
        payload["externalAccountBinding"] = jws.external_account(eab, client.key, url)
    response = client.post(url, payload, jwk=True)
    account_url = response.location()
    if account_url is None:
        raise BadAnswer(f"{url} did not say which account it is")
    client.account_url = client.server.own(account_url)
    document = response.document(client.server.own)
    return Account.parse(client.account_url, document, created=response.status == 201)


def fetch(client: Client) -> Account:
    return _ask(client, None)


def update(client: Client, *, contact: Sequence[str]) -> Account:
    """Section 7.3.2."""
    return _ask(client, {"contact": uris(contact)})


def deactivate(client: Client) -> Account:
    """Section 7.3.6. There is no way back."""
    return _ask(client, {"status": "deactivated"})


def _ask(client: Client, payload: Mapping[str, Any] | None) -> Account:
    url = client.account_url or ""
    return Account.parse(url, client.post(url, payload).document(client.server.own))


def orders(client: Client) -> Iterator[str]:
    """The URLs of the account's orders, as the server sorts them: section 7.1.2.1.

    Nothing from the servers, most of them, that keep no such list. One request a page. Raises
    BadAnswer after PAGES of them: the newest orders may be those that would come yet.
    """
    page = fetch(client).orders
    seen: set[str] = set()
    while page and page not in seen:
        if len(seen) == PAGES:
            raise BadAnswer(
                f"the account's list of orders has over {PAGES} pages: too many to read"
            )
        seen.add(page)
        response = client.post(page)
        # Smallstep's servers, and so Caddy, send the array without the object around it.
        yield from response.document(client.server.own, bare="orders").urls("orders")
        page = next(iter(response.links("next")), None)


def key_change(client: Client, new_key: jws.Key) -> None:
    """Section 7.3.5. From then on the client signs with `new_key`."""
    url = client.server.directory(client.watch).key_change
    if url is None:
        raise BadAnswer(f"{client.server.directory_url} does not offer keyChange")
    client.post(url, jws.key_change(client.key, new_key, client.account_url or "", url)).done()
    client.key = new_key


def uris(contact: Sequence[str]) -> list[str]:
    return [c if ":" in c else f"mailto:{c}" for c in contact]
