"""Register, order, renew, revoke at the ACME servers of three makers, through Peter's own JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from peter_sslers.lib import acme_v2, x509
from peter_sslers.lib.x509.pem import pem_to_der

from .acme2certifier import PROFILES, Acme2certifier
from .caddy import Caddy
from .pebble import Pebble
from .peter import Peter, StartPeter, unused_name

pytestmark = pytest.mark.xdist_group("port 80")  # one at a time

SINGLE = {"processing_strategy": "process_single"}

PEBBLE = pytest.param("pebble", marks=pytest.mark.service("pebble"))
CADDY = pytest.param("caddy", marks=pytest.mark.service("caddy"))
ACME2CERTIFIER = pytest.param("open_acme2certifier", marks=pytest.mark.service("acme2certifier"))


def only(*makers: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", makers, indirect=True, scope="module")


@dataclass
class At:
    """A Peter with an account at that server."""

    ca: Pebble | Caddy | Acme2certifier
    peter: Peter
    account: dict[str, Any]

    def issued(self) -> dict[str, Any]:
        """An order that has its certificate."""
        order = self.peter.order([unused_name()])
        assert order["acme_status_order"] == "valid"
        return order

    def certificate(self, order: dict[str, Any]) -> dict[str, Any]:
        path = f"/certificate-signed/{order['certificate_signed_id']}"
        found: dict[str, Any] = self.peter.get(path)["CertificateSigned"]
        return found

    def behind_its_back(self, certificate: dict[str, Any]) -> str:
        """Somebody else with the account's key revokes it: the server's words; "" if it does it."""
        pem = self.account["AcmeAccountKey"]["key_pem"]
        servers = acme_v2.Servers()
        bundle = self.ca.ca_file.read_text() if self.ca.ca_file else None
        server = servers.get(self.ca.directory_url, ca_bundle=bundle)
        client = acme_v2.Client(server, x509.choose().account_key(pem), self.account["account_url"])
        try:
            acme_v2.revocations.revoke(client, pem_to_der(certificate["cert_pem"]))
        except acme_v2.Problem as exc:
            return str(exc)
        finally:
            servers.close()
        return ""


@pytest.fixture(scope="module", params=[PEBBLE, CADDY, ACME2CERTIFIER])
def at(start_peter: StartPeter, request: pytest.FixtureRequest) -> Iterator[At]:
    ca: Pebble | Caddy | Acme2certifier = request.getfixturevalue(request.param)
    looks_at = ca.looks_at if isinstance(ca, Acme2certifier) else ""
    peter = start_peter(ca, server={"public_listen": looks_at})
    yield At(ca, peter, peter.account())
    peter.stop()


def test_account_is_registered(at: At) -> None:
    said = at.peter.posted(f"/acme-account/{at.account['id']}/acme-server/check")["acme_server"]
    assert (said["is_known"], said["status"]) == (True, "valid")
    assert said["contact"] == [f"mailto:{at.account['contact']}"]


@pytest.mark.parametrize("strategy", ["process_single", "create_order"])
def test_an_order_ends_with_a_certificate(at: At, strategy: str) -> None:
    names = [unused_name(), unused_name()]
    order = at.peter.process_to_the_end(at.peter.order(names, strategy))
    assert order["acme_status_order"] == "valid"
    assert at.certificate(order)["domains_as_list"] == sorted(names)


def test_certificate_is_renewed(at: At) -> None:
    first = at.issued()
    path = f"/acme-order/{first['id']}"
    second = at.peter.posted(f"{path}/renew/quick", **SINGLE)["AcmeOrder"]
    assert second["certificate_signed_id__renewal_of"] == first["certificate_signed_id"]
    assert at.peter.get(path)["AcmeOrder"]["is_renewed"] is True
    old, new = at.certificate(first), at.certificate(second)
    assert new["serial"] != old["serial"]
    assert new["domains_as_list"] == old["domains_as_list"]


def test_certificate_is_revoked_with_the_account_s_key(at: At) -> None:
    found = at.certificate(at.issued())
    path = f"/certificate-signed/{found['id']}/acme-server/revoke"
    answer = at.peter.posted(path, reason="superseded", revoke_with="account_key")
    assert answer["is_already_revoked"] is False
    assert answer["CertificateSigned"]["timestamp_revoked_upstream"]
    assert at.behind_its_back(found).startswith("alreadyRevoked")


def test_certificate_that_was_revoked_elsewhere_is_recorded(at: At) -> None:
    found = at.certificate(at.issued())
    assert at.behind_its_back(found) == ""
    answer = at.peter.posted(f"/certificate-signed/{found['id']}/acme-server/revoke")
    assert answer["is_already_revoked"] is True
    assert answer["CertificateSigned"]["timestamp_revoked_upstream"]


@only(PEBBLE, CADDY)
def test_certificate_is_revoked_with_its_own_key(at: At) -> None:
    found = at.certificate(at.issued())
    path = f"/certificate-signed/{found['id']}/acme-server/revoke"
    answer = at.peter.posted(path, revoke_with="certificate_key")
    assert answer["CertificateSigned"]["timestamp_revoked_upstream"]
    assert at.behind_its_back(found).startswith("alreadyRevoked")


@only(ACME2CERTIFIER)
def test_server_that_knows_account_keys_only_revokes_nothing_with_another(at: At) -> None:
    found = at.certificate(at.issued())
    path = f"/certificate-signed/{found['id']}/acme-server/revoke"
    refused = at.peter.post(path, revoke_with="certificate_key")
    assert (refused.status_code, refused.json()["error"]) == (502, "accountDoesNotExist")
    after = at.peter.get(f"/certificate-signed/{found['id']}")["CertificateSigned"]
    assert (after["is_active"], after["timestamp_revoked_upstream"]) == (True, None)


@only(ACME2CERTIFIER)
def test_revoked_certificate_is_in_the_list_of_its_ca(at: At) -> None:
    assert isinstance(at.ca, Acme2certifier)
    found = at.certificate(at.issued())
    assert int(found["serial"], 16) not in at.ca.revoked()
    at.peter.posted(f"/certificate-signed/{found['id']}/acme-server/revoke")
    assert int(found["serial"], 16) in at.ca.revoked()


@only(PEBBLE, ACME2CERTIFIER)
def test_account_orders_with_its_new_key_and_the_old_one_is_refused(at: At) -> None:
    account = at.peter.account()
    old = account["AcmeAccountKey"]
    path = f"/acme-account/{account['id']}"
    answer = at.peter.posted(f"{path}/acme-server/key-change", key_pem_existing=old["key_pem_md5"])
    assert answer["AcmeAccount"]["AcmeAccountKey"]["key_pem"] != old["key_pem"]
    found = at.certificate(at.issued())
    assert at.peter.get(path)["AcmeAccount"]["is_global_default"] is True
    refused = At(at.ca, at.peter, account).behind_its_back(found).lower()
    assert "verif" in refused  # each in its own words
    assert "signature" in refused or "jws" in refused


@only(CADDY)
def test_server_without_key_changes_says_so_and_the_old_key_goes_on(at: At) -> None:
    """It has one in its directory, and answers 501."""
    key = at.account["AcmeAccountKey"]
    path = f"/acme-account/{at.account['id']}"
    refused = at.peter.post(f"{path}/acme-server/key-change", key_pem_existing=key["key_pem_md5"])
    assert refused.status_code == 400
    assert "not implemented" in refused.json()["form_errors"]["Error_Main"]
    keys = at.peter.get(f"{path}/acme-account-keys")["AcmeAccountKeys"]
    assert [found["id"] for found in keys] == [key["id"]]
    at.issued()


@only(PEBBLE, CADDY)
def test_server_without_renewal_information_is_asked_for_none(at: At) -> None:
    first = at.issued()
    path = f"/certificate-signed/{first['certificate_signed_id']}/acme-server/renewal-info"
    refused = at.peter.post(path)
    assert refused.status_code == 409
    assert refused.json()["error"].endswith(" offers no renewal information")
    page = at.peter.http.post(f"{at.peter.url}{path}", timeout=60).text
    assert "offers no renewal information" in page
    again = at.peter.posted(f"/acme-order/{first['id']}/renew/quick", **SINGLE)["AcmeOrder"]
    assert (again["acme_status_order"], again["replaces"]) == ("valid", None)


@only(PEBBLE, CADDY)
def test_server_without_profiles_is_asked_for_none(at: At) -> None:
    fields = at.peter.order_fields([unused_name()], "create_order", profile=next(iter(PROFILES)))
    refused = at.peter.post("/acme-order/new/freeform", **fields)
    assert refused.status_code == 400
    text = refused.json()["form_errors"]["profile"]
    assert text.endswith("does not offer this profile. It offers: none")
