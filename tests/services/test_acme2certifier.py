"""What acme2certifier has and the other servers have not, ARI and profiles; and its bindings."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from peter_sslers.model import AcmeAccount, AcmeAccountKey, OperationsObjectEvent

from .acme2certifier import EAB_HMAC_KEY, EAB_KID, PROFILES, Acme2certifier
from .peter import Peter, StartPeter, unused_name
from .recorder import Recorder

pytestmark = [pytest.mark.service("acme2certifier"), pytest.mark.xdist_group("port 80")]

ORDER = "/acme-order/new/freeform"
SINGLE = {"processing_strategy": "process_single"}
BINDING = {"eab_kid": EAB_KID, "eab_hmac_key": EAB_HMAC_KEY}
WRONG_KEY = "AAAA" + EAB_HMAC_KEY[4:]
ROWS = (AcmeAccount, AcmeAccountKey, OperationsObjectEvent)


@dataclass
class Customer:
    """A Peter with an account at an acme2certifier that knows its customers."""

    peter: Peter
    ca: Acme2certifier
    recorder: Recorder
    provider: str
    account: dict[str, Any]

    def asked(self) -> list[dict[str, Any]]:
        """What the newOrders since the last time have said."""
        said, self.recorder.new_orders = self.recorder.new_orders, []
        return said

    def new_account(self, **more: str) -> Any:
        """The answer to a registration."""
        fields = account_fields(self.provider, **more)
        return self.peter.post("/acme-account/new", **fields)

    def ordered(self, **more: str) -> dict[str, Any]:
        fields = self.peter.order_fields([unused_name()], "process_single", **more)
        placed: dict[str, Any] = self.peter.posted(ORDER, **fields)["AcmeOrder"]
        assert placed["acme_status_order"] == "valid"
        return placed

    def renewed(self, order: dict[str, Any]) -> dict[str, Any]:
        path = f"/acme-order/{order['id']}/renew/quick"
        new: dict[str, Any] = self.peter.posted(path, **SINGLE)["AcmeOrder"]
        assert new["acme_status_order"] == "valid"
        return new

    def page(self, path: str, **fields: str) -> str:
        """The HTML that a form, or with no fields a link, leads to."""
        url = f"{self.peter.url}{path}"
        http = self.peter.http
        answer = http.post(url, data=fields, timeout=60) if fields else http.get(url, timeout=60)
        return answer.text


def account_fields(provider: str, **more: str) -> dict[str, str]:
    return {
        "acme_account_provider_id": provider,
        "account__contact": f"{unused_name().partition('.')[0]}@example.com",
        "account__private_key_cycle": "single_certificate",
        "account__private_key_technology": "EC",
        **more,
    }


@pytest.fixture(scope="module")
def at(start_peter: StartPeter, recorder: Recorder) -> Iterator[Customer]:
    peter = start_peter(recorder, server={"public_listen": recorder.ca.looks_at})
    options = peter.get("/acme-account/new")["valid_options"]["acme_account_provider_id"]
    provider = next(number for number, name in options.items() if name.startswith("pebble-test"))
    made = peter.posted("/acme-account/new", **account_fields(provider, **BINDING))["AcmeAccount"]
    peter.posted(f"/acme-account/{made['id']}/mark", action="global_default")
    yield Customer(peter, recorder.ca, recorder, provider, made)
    peter.stop()


@pytest.fixture(autouse=True)
def from_now_on(at: Customer) -> None:
    at.asked()


class TestExternalAccountBinding:
    @pytest.mark.parametrize(
        ("kid", "key"), [("kid-2", EAB_HMAC_KEY), (EAB_KID, WRONG_KEY)], ids=["kid", "key"]
    )
    def test_wrong_one_is_refused_in_the_ca_s_words(self, at: Customer, kid: str, key: str) -> None:
        before = self.everything(at)
        wrong = account_fields(at.provider, eab_kid=kid, eab_hmac_key=key)
        answer = at.peter.post("/acme-account/new", **wrong)
        assert answer.status_code == 400
        assert "invalid eab credentials" in answer.json()["form_errors"]["Error_Main"]
        page = at.page("/acme-account/new", **wrong)
        assert "invalid eab credentials" in page
        assert key not in page
        assert self.everything(at) == before

    def test_missing_one_is_asked_for(self, at: Customer) -> None:
        before = self.everything(at)
        answer = at.new_account()
        assert answer.status_code == 400
        assert {"eab_kid", "eab_hmac_key"} < answer.json()["form_errors"].keys()
        assert self.everything(at) == before

    def test_right_one_after_a_wrong_one_registers(self, at: Customer) -> None:
        fields = account_fields(at.provider, eab_kid=EAB_KID, eab_hmac_key=WRONG_KEY)
        at.peter.post("/acme-account/new", **fields)
        made = at.peter.posted("/acme-account/new", **{**fields, **BINDING})["AcmeAccount"]
        name = made["account_url"].rpartition("/")[2]
        (told,) = at.ca.database("SELECT eab_kid FROM account WHERE name = ?", name)
        assert told == (EAB_KID,)

    @staticmethod
    def everything(at: Customer) -> tuple[Any, ...]:
        """How many rows there are that an account is made of, here and there."""
        engine = create_engine(at.peter.database_url)
        with engine.connect() as db:
            here = [db.scalar(select(func.count()).select_from(kind)) for kind in ROWS]
        engine.dispose()
        return (*here, *at.ca.database("SELECT count(*) FROM account"))


class TestRenewalInformation:
    def ask(self, at: Customer, order: dict[str, Any]) -> Any:
        path = f"/certificate-signed/{order['certificate_signed_id']}"
        return at.peter.post(f"{path}/acme-server/renewal-info")

    def test_window_is_fetched_and_shown(self, at: Customer) -> None:
        order = at.ordered()
        answer = self.ask(at, order)
        assert answer.status_code == 200, answer.text
        found = answer.json()["CertificateSigned"]
        start, end, not_before, not_after, again = (
            datetime.fromisoformat(found[f"timestamp_{name}"]).replace(tzinfo=UTC)
            for name in (
                "ari_window_start",
                "ari_window_end",
                "not_before",
                "not_after",
                "ari_retry_after",
            )
        )
        assert end == not_after
        share = (start - not_before) / (not_after - not_before)
        assert abs(share - 0.85) < 0.001  # as CONFIG says, and Retry-After of an hour
        assert abs(again - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=10)
        page = at.page(f"/certificate-signed/{found['id']}")
        assert "The CA wants it renewed from" in page
        assert start.date().isoformat() in page

    def test_refusal_of_the_ca_leaves_the_window_and_says_when_to_come_back(
        self, at: Customer
    ) -> None:
        order = at.ordered()
        before = self.ask(at, order).json()["CertificateSigned"]
        at.ca.database(
            "UPDATE certificate SET serial = 'lost' WHERE serial = ?", before["serial"].lower()
        )
        answer = self.ask(at, order)
        assert answer.status_code == 502
        assert "certificate not found" in answer.json()["error"]
        path = f"/certificate-signed/{before['id']}"
        after = at.peter.get(path)["CertificateSigned"]
        window = ("timestamp_ari_window_start", "timestamp_ari_window_end")
        assert [after[name] for name in window] == [before[name] for name in window]
        assert after["timestamp_ari_retry_after"] > before["timestamp_ari_retry_after"]
        asked = at.peter.http.post(f"{at.peter.url}{path}/acme-server/renewal-info", timeout=60)
        assert "certificate not found" in asked.text

    def test_renewal_says_what_it_replaces(self, at: Customer) -> None:
        first = at.ordered()
        second = at.renewed(first)
        plain, renewal = at.asked()
        assert "replaces" not in plain
        assert self.serial(renewal["replaces"]) == self.serial_of(at, first)
        assert second["replaces"] == renewal["replaces"]
        assert second["replaces"] in at.page(f"/acme-order/{second['id']}")
        at.renewed(second)
        (next_one,) = at.asked()
        assert self.serial(next_one["replaces"]) == self.serial_of(at, second)

    @staticmethod
    def serial(identifier: str) -> str:
        number = identifier.partition(".")[2]
        padded = number + "=" * (-len(number) % 4)
        return base64.urlsafe_b64decode(padded).hex().lstrip("0")

    @staticmethod
    def serial_of(at: Customer, order: dict[str, Any]) -> str:
        path = f"/certificate-signed/{order['certificate_signed_id']}"
        serial: str = at.peter.get(path)["CertificateSigned"]["serial"]
        return serial.lower().lstrip("0")

    @pytest.mark.parametrize(
        "refusal", [(409, "alreadyReplaced"), (404, "malformed"), (403, "unauthorized")]
    )
    def test_refused_replacement_is_ordered_once_more_without(
        self, at: Customer, refusal: tuple[int, str]
    ) -> None:
        first = at.ordered()
        at.asked()
        at.recorder.refusals.append(refusal)
        second = at.renewed(first)
        refused, taken = at.asked()
        said = refused.pop("replaces")
        assert said
        assert taken == refused
        assert second["replaces"] is None
        assert said not in at.page(f"/acme-order/{second['id']}")
        assert second["certificate_signed_id__renewal_of"] == first["certificate_signed_id"]

    def test_other_refusal_of_a_replacement_is_the_order_s(self, at: Customer) -> None:
        first = at.ordered()
        at.asked()
        at.recorder.refusals.append((400, "rejectedIdentifier"))
        answer = at.peter.post(f"/acme-order/{first['id']}/renew/quick", **SINGLE)
        assert answer.status_code == 502
        assert "rejectedIdentifier: so says the proxy" in answer.json()["error"]
        assert len(at.asked()) == 1


class TestProfiles:
    def offered(self, at: Customer) -> Any:
        path = f"/acme-account-provider/{at.provider}/acme-server/directory"
        return at.peter.posted(path)["AcmeAccountProvider"]["profiles"]

    def test_directory_s_are_shown(self, at: Customer) -> None:
        assert self.offered(at) == PROFILES
        page = at.page(f"/acme-account-provider/{at.provider}")
        assert all(name in page and text in page for name, text in PROFILES.items())

    def test_order_s_own_is_asked_for_and_again_in_its_renewal(self, at: Customer) -> None:
        first = at.ordered(profile="shortlived")
        second = at.renewed(first)
        assert [said["profile"] for said in at.asked()] == ["shortlived", "shortlived"]
        assert [order["profile"] for order in (first, second)] == ["shortlived", "shortlived"]
        taken = at.ca.database("SELECT profile FROM orders ORDER BY id DESC LIMIT 2")
        assert taken == [("shortlived",), ("shortlived",)]
        assert "shortlived" in at.page(f"/acme-order/{second['id']}")

    def test_order_without_one_asks_for_none(self, at: Customer) -> None:
        assert at.ordered()["profile"] is None
        assert "profile" not in at.asked()[0]

    def test_account_s_is_asked_for_unless_the_order_has_one(self, at: Customer) -> None:
        answer = at.new_account(**BINDING, account__profile="classic")
        assert answer.status_code == 200, answer.text
        account = answer.json()["AcmeAccount"]
        assert account["profile"] == "classic"
        theirs = {
            "account_key_option": "account_key_existing",
            "account_key_existing": account["AcmeAccountKey"]["key_pem_md5"],
        }
        orders = [at.ordered(**theirs), at.ordered(**theirs, profile="shortlived")]
        assert [order["profile"] for order in orders] == ["classic", "shortlived"]
        assert [said["profile"] for said in at.asked()] == ["classic", "shortlived"]

    def test_unknown_one_is_refused_with_those_that_there_are(self, at: Customer) -> None:
        fields = at.peter.order_fields([unused_name()], "process_single", profile="classik")
        answer = at.peter.post(ORDER, **fields)
        assert answer.status_code == 400
        text = "does not offer this profile. It offers: classic; shortlived"
        assert answer.json()["form_errors"]["profile"].endswith(text)
        assert text in at.page(ORDER, **fields)
        answer = at.new_account(**BINDING, account__profile="classik")
        assert answer.json()["form_errors"]["account__profile"].endswith(text)
        assert at.asked() == []

    def test_refusal_of_the_ca_reaches_the_page_and_leaves_no_order(self, at: Customer) -> None:
        """The directory is read once an hour: what has changed meanwhile, the CA says."""
        assert self.offered(at) == PROFILES
        before = at.peter.get("/acme-orders/all")["pagination"]["total_items"]
        fields = at.peter.order_fields([unused_name()], "process_single", profile="shortlived")
        with at.ca.offering({"classic": "as ever", "tlsserver": "new"}):
            page = at.page(ORDER, **fields)
            assert "invalidProfile: Invalid profile specified" in page
            assert len(at.asked()) == 1
            again = at.peter.post(ORDER, **fields)
            assert again.status_code == 400, "the directory is read anew now"
            assert again.json()["form_errors"]["profile"].endswith("offers: classic; tlsserver")
        assert at.peter.get("/acme-orders/all")["pagination"]["total_items"] == before
        assert self.offered(at) == PROFILES

    def test_refusal_of_the_ca_is_in_the_json(self, at: Customer) -> None:
        self.offered(at)
        fields = at.peter.order_fields([unused_name()], "process_single", profile="shortlived")
        with at.ca.offering({"classic": "as ever", "tlsserver": "new"}):
            answer = at.peter.post(ORDER, **fields)
        assert answer.status_code == 502
        assert answer.json() == {
            "result": "error",
            "error": "invalidProfile: Invalid profile specified",
        }

    def test_new_one_can_be_asked_for_at_once(self, at: Customer) -> None:
        self.offered(at)
        with at.ca.offering({**PROFILES, "tlsserver": "new"}):
            assert at.ordered(profile="tlsserver")["profile"] == "tlsserver"
        assert self.offered(at) == PROFILES
