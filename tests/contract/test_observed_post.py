"""POSTs that were observed on the original and need no CA: status class, redirect, JSON.

Those that need one are driven against Pebble in tests/services.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..web.admin.certificate_rows import pem
from .peter import ADMIN, Peter, observed
from .shapes import Observed

POST: list[dict[str, Any]] = observed("post")


@dataclass(frozen=True)
class Sent:
    """A POST of ours and the number of the one in observed/post.json that it is to be like.

    `{name}` in the path is an id of the test's database.
    """

    like: int
    path: str
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    status: int = 0  # where it is not the one observed: errors have a status of their own


NEW_ORDER = {
    "account_key_option": "account_key_global_default",
    "private_key_option": "private_key_for_account_key",
    "private_key_cycle__renewal": "account_key_default",
    "processing_strategy": "create_order",
}
CONTACT = {
    "acme_account_provider_id": "1",
    "account__contact": "new@example.com",
    "account__private_key_cycle": "single_certificate",
}
KEY = {"private_key_file_pem": "keys/ec384"}
CERTIFICATE = {
    "private_key_file_pem": "keys/rsa2048",
    "chain_file": "chains/intermediate",
    "certificate_file": "certificates/wildcard",
}
TEST_INTERMEDIATE = "70D188C8DE677C732F7D09A018BC469F018908CB"  # chains/intermediate

SENT = (
    Sent(5, "acme-order/{pending order}/acme-finalize.json", status=409),
    Sent(9, "acme-order/new/freeform.json", status=400),
    Sent(
        10,
        "acme-order/new/freeform.json",
        {**NEW_ORDER, "domain_names_http01": "a_b.example.com"},
        status=400,
    ),
    Sent(28, "certificate-signed/upload.json", files=CERTIFICATE),
    Sent(29, "certificate-signed/upload.json", files=CERTIFICATE),
    Sent(30, "certificate-signed/upload", files=CERTIFICATE),
    Sent(31, "certificate-signed/upload.json", status=400),
    Sent(
        32,
        "certificate-signed/upload.json",
        files={**CERTIFICATE, "certificate_file": "certificates/truncated"},
        status=400,
    ),
    Sent(33, "certificate-signed/upload.json", files={**CERTIFICATE, **KEY}, status=400),
    Sent(34, "certificate-ca/upload-cert.json", files={"cert_file": "chains/other_root"}),
    Sent(35, "certificate-ca-chain/upload-chain.json", files={"chain_file": "chains/root"}),
    Sent(36, "private-key/upload.json", files=KEY),
    Sent(37, "private-key/upload", files=KEY),
    Sent(38, "acme-account/upload.json", CONTACT, {"account_key_file_pem": "keys/rsa4096"}),
    Sent(42, "acme-account/{other account}/mark.json", {"action": "inactive"}),
    Sent(43, "acme-account/{other account}/mark.json", {"action": "active"}),
    Sent(44, "acme-account/{other account}/mark.json", {"action": "nonsense"}, status=400),
    Sent(45, "acme-account/{other account}/mark.json", {"action": "active"}, status=400),
    Sent(46, "acme-account/{other account}/mark", {"action": "inactive"}),
    Sent(
        39,
        "acme-account/{other account}/edit.json",
        {
            "account__contact": "ignored@example.com",
            "account__private_key_cycle": "account_daily",
            "account__private_key_technology": "EC",
        },
    ),
    Sent(
        48,
        "acme-account/{other account}/acme-server/deactivate-pending-authorizations.json",
        status=400,
    ),
    Sent(65, "domain/new.json", {"domain_name": "new.example.com"}),
    Sent(68, "domains/search.json", {"domain": "example.com"}),
    Sent(69, "domains/search.json", {"domain": "unknown.example.com"}),
    Sent(66, "domain/{domain}/mark.json", {"action": "inactive"}),
    Sent(67, "domain/{domain}/mark.json", {"action": "active"}),
    Sent(16, "api/domain/autocert.json", {"domain_name": "example.com"}),
    Sent(17, "api/domain/autocert.json?openresty=1", {"domain_name": "example.com"}),
    Sent(70, "domain/{domain}/update-recents.json"),
    Sent(71, "domain/{domain}/update-recents"),
    Sent(65, "domain/new.json", {"domain_name": "a1.example.com"}),
    Sent(18, "api/domain/enable", {"domain_names": "e1.example.com,a1.example.com"}),
    Sent(19, "api/domain/disable", {"domain_names": "e1.example.com,zz.example.com"}),
    Sent(49, "queue-domains/add.json", {"domain_names_http01": "q1.example.com,q2.example.com"}),
    Sent(50, "queue-domains/add", {"domain_names_http01": "q3.example.com"}),
    Sent(51, "queue-domain/1/mark.json", {"action": "x"}, status=400),
    Sent(21, "api/update-recents.json"),
    Sent(59, "unique-fqdn-set/new.json", {"domain_names": "a.example.com,b.example.com"}),
    Sent(
        60,
        "unique-fqdn-set/{unique-fqdn-set}/modify.json",
        {"domain_names_add": "c.example.com", "domain_names_del": ""},
    ),
    Sent(61, "unique-fqdn-set/{unique-fqdn-set}/update-recents.json"),
    Sent(75, "certificate-signed/{certificate-signed}/mark.json", {"action": "inactive"}),
    Sent(74, "certificate-signed/{certificate-signed}/mark.json", {"action": "active"}),
    Sent(77, "certificate-signed/{certificate-signed}/mark.json", {"action": "active"}, status=400),
    Sent(78, "certificate-signed/{certificate-signed}/mark.json", {"action": "x"}, status=400),
    Sent(20, "api/deactivate-expired.json"),
    Sent(
        105,
        "coverage-assurance-event/{coverage-assurance-event}/mark.json",
        {"action": "x", "resolution": "abandoned"},
        status=400,
    ),
    Sent(81, "acme-order/{acme-order}/mark.json", {"action": "renew_manual"}),
    Sent(80, "acme-order/{acme-order}/mark.json", {"action": "renew_auto"}),
    Sent(82, "acme-order/{acme-order}/mark.json", {"action": "renew_auto"}, status=409),
    Sent(83, "acme-order/{acme-order}/mark.json", {"action": "deactivate"}, status=409),
    Sent(88, "acme-order/{pending order}/retry.json", status=409),
    Sent(91, "acme-order/{pending order}/acme-server/download-certificate.json", status=409),
    Sent(99, "certificate-cas/preferred/add.json", {"fingerprint_sha1": TEST_INTERMEDIATE}),
    Sent(
        100,
        "certificate-cas/preferred/prioritize.json",
        {"slot": "1", "fingerprint_sha1": TEST_INTERMEDIATE, "priority": "increase"},
        status=400,
    ),
    Sent(
        101,
        "certificate-cas/preferred/delete.json",
        {"slot": "9", "fingerprint_sha1": TEST_INTERMEDIATE},
        status=400,
    ),
    Sent(102, "private-key/{private-key}/mark.json", {"action": "inactive"}),
    Sent(103, "private-key/{private-key}/mark.json", {"action": "active"}),
    Sent(104, "private-key/{private-key}/mark.json", {"action": "active"}, status=400),
)


# In one test, for each finds what those before it have done.
def test_posts_answer_as_observed(peter: Peter, known: Observed) -> None:
    found = {f"{s.like} {s.path}": faults(s, peter, known) for s in SENT}
    assert "\n".join(f"{path}: {wrong}" for path, wrong in found.items() if wrong) == ""


def faults(sent: Sent, peter: Peter, known: Observed) -> list[str]:
    seen = POST[sent.like]
    path = re.sub(r"{([^}]+)}", lambda m: str(peter.ids[m[1]]), sent.path)
    files = [(name, "file.pem", pem(file).encode()) for name, file in sent.files.items()]
    answer = peter.http.post(
        f"{ADMIN}/{path}", sent.fields, upload_files=files or None, expect_errors=True
    )
    status = sent.status or seen.get("status", 200)
    if answer.status_int != status:
        return [f"status {answer.status_int}, was {status}: {answer.text[:300]}"]
    if answer.status_int == 400 and "json" not in seen:  # the original broke
        return [] if answer.json["form_errors"].keys() > {"Error_Main"} else [answer.text]
    if "location" in seen:
        pattern = re.escape(seen["location"]).replace(r"\{ADMIN\}", re.escape(ADMIN))
        location = answer.headers["Location"].removeprefix("http://localhost")
        pattern = pattern.replace(r"\{id\}", r"\d+").replace("<json>", "%7B.+%7D")
        fits = re.fullmatch(pattern, location)
        return [] if fits else [f"Location {location}, was {seen['location']}"]
    return list(known.faults(seen["json"], answer.json))


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: f"{sent.like} {sent.path}")
def test_each_is_like_one_of_the_same_route(sent: Sent) -> None:
    """Guards the numbers."""

    def plain(path: str) -> str:
        return re.sub(r"/(\d+|{[^}]+})(?=/)", "/#", path.removeprefix("{ADMIN}/"))

    assert plain(sent.path) == plain(POST[sent.like]["path"])
