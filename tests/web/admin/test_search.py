"""The search box: what it finds, where it leads, and what it shows."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest

from peter_sslers import model

from ..queries import recorded
from .acme_site import Rows, Site
from .certificate_rows import stored


def search(site: Site, text: str, suffix: str = "", **kw):
    return site.get(f"/search{suffix}?{urlencode({'q': text})}", **kw)


def found(site: Site, text: str) -> dict[str, list[int]]:
    """{JSON name: ids}"""
    answer = search(site, text, ".json").json
    assert answer["result"] == "success"
    return {name: [o["id"] for o in rows] for name, rows in answer["search_results"].items()}


def domain(rows: Rows, name: str) -> model.Domain:
    return rows.order(None, name).unique_fqdn_set.domains[0]


@pytest.fixture
def leaf(site: Site) -> model.CertificateSigned:
    with site.database.session() as session:
        row = session.get(model.CertificateSigned, stored(site))
        assert row
        return row


@pytest.mark.parametrize(
    "attribute", ["serial", "fingerprint_sha1", "fingerprint_sha256", "cert_pem_md5"]
)
def test_a_certificate_is_found_however_its_digits_are_written(
    site: Site, leaf: model.CertificateSigned, attribute: str
) -> None:
    digits = getattr(leaf, attribute)
    pairs = [digits[n : n + 2] for n in range(0, len(digits), 2)]
    for typed in (digits, digits.lower(), f" {':'.join(pairs)}\n", f"x={digits}", " ".join(pairs)):
        assert found(site, typed)["CertificateSigneds"] == [leaf.id]


def test_serials_are_found_with_their_zero_and_in_decimal(
    site: Site, leaf: model.CertificateSigned
) -> None:
    for typed in (f"0x{leaf.serial}", f"00:{leaf.serial}", str(int(leaf.serial, 16))):
        assert found(site, typed)["CertificateSigneds"] == [leaf.id]


def test_only_hit_is_where_one_is_sent(site: Site, leaf: model.CertificateSigned) -> None:
    answer = search(site, leaf.fingerprint_sha256, status=303)
    assert site.location(answer) == f"/certificate-signed/{leaf.id}"


def test_json_is_never_sent_elsewhere(site: Site, leaf: model.CertificateSigned) -> None:
    answer = search(site, leaf.fingerprint_sha256, ".json", status=200).json
    assert answer["is_complete"] is True
    assert answer["query"] == leaf.fingerprint_sha256


def test_a_public_key_finds_all_that_has_it(site: Site, leaf: model.CertificateSigned) -> None:
    kinds = found(site, leaf.spki_sha256)
    assert kinds["CertificateSigneds"] == [leaf.id]
    assert kinds["PrivateKeys"] == [leaf.private_key_id]


def test_no_private_key_stands_in_the_answer(site: Site, leaf: model.CertificateSigned) -> None:
    answer = search(site, leaf.spki_sha256, ".json")
    assert answer.json["search_results"]["PrivateKeys"][0]["key_pem"] is None
    assert "PRIVATE KEY" not in answer.text


def test_an_account_is_found_by_its_key_and_by_its_contact(site: Site) -> None:
    with site.writing() as rows:
        account = rows.account(contact="ops@example.com")
        key, ident = account.acme_account_key, account.id
        typed = (key.key_pem_md5, key.spki_sha256, "ops@example.com")
    for text in typed:
        assert site.location(search(site, text, status=303)) == f"/acme-account/{ident}"


def test_names_are_found_whole_and_by_their_beginning(site: Site) -> None:
    with site.writing() as rows:
        names = ("shop.example.com", "shop.example.com.br", "bshop.example.com")
        shop, longer, _ = [domain(rows, name).id for name in names]
    assert found(site, " SHOP.example.com. ") == {"Domains": [shop, longer]}
    assert found(site, "sho") == {"Domains": [shop, longer]}
    assert site.location(search(site, "bsh", status=303)) == "/domain/3"
    text = search(site, "shop.example.com").text
    assert text.index(">shop.example.com<") < text.index(">shop.example.com.br<")


def test_names_of_other_scripts_are_found_by_their_ascii_form(site: Site) -> None:
    with site.writing() as rows:
        ident = domain(rows, "xn--bcher-kva.example").id
    assert found(site, "Bücher.example") == {"Domains": [ident]}


@pytest.mark.parametrize("typed", ["%", "sh_p", "sh%", "*hop", "[s]hop"])
def test_nothing_is_a_wild_card(site: Site, typed: str) -> None:
    with site.writing() as rows:
        domain(rows, "shop.example.com")
    assert found(site, typed) == {}


def test_a_number_shows_the_kinds_that_have_it(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "shop.example.com")
    page = search(site, f"#{order.id}")
    assert f"ACME order #{order.id}</a>" in page.text
    assert f"Domain #{order.id}</a>" in page.text
    assert found(site, f"#{order.id}")["AcmeOrders"] == [order.id]


def test_an_address_shows_what_it_fetched(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "shop.example.com")
        challenge = rows.authorization(order, "shop.example.com").acme_challenges[0]
        address = rows.address("2001:db8::1")
        for _ in range(2):
            rows.add(
                model.AcmeChallengePoll(
                    acme_challenge_id=challenge.id,
                    timestamp_polled=order.timestamp_created,
                    remote_ip_address=address,
                )
            )
    assert found(site, "2001:DB8:0::1") == {"AcmeChallengePolls": [2, 1]}
    assert "by address" in search(site, "[2001:db8::1]").text


def test_an_object_is_found_by_its_address_at_the_ca(site: Site) -> None:
    with site.writing() as rows:
        order = rows.order(None, "shop.example.com")
        url, ident = order.order_url, order.id
    assert site.location(search(site, url, status=303)) == f"/acme-order/{ident}"


def test_links_of_objects_show_what_has_the_same(site: Site, leaf: model.CertificateSigned) -> None:
    expected = {
        leaf.cert_spki_search: "SPKI SHA-256",
        leaf.cert_issuer_search: "issuer",
    }
    for query, same in expected.items():
        page = site.get(f"/search?{query}", status=200)
        assert f"the same {same}" in page.text
        assert f"/certificate-signed/{leaf.id}" in page.text
        document = site.json(f"/search.json?{query}")
        assert document["type"] == parse_qs(query)["type"][0]
        assert [o["id"] for o in document["search_results"]["CertificateSigneds"]] == [leaf.id]


def test_certificates_without_a_subject_have_nothing_in_common(
    site: Site, leaf: model.CertificateSigned
) -> None:
    page = site.get(f"/search?{leaf.cert_subject_search}")
    assert "no subject to compare with" in page.text


def test_line_ends_of_a_subject_may_come_as_a_form_sends_them(site: Site) -> None:
    with site.writing() as rows:
        certificate = rows.certificate(rows.order())
        certificate.cert_subject = "C=US\nCN=a & b"
    query = urlencode({"type": "cert_subject", "cert_subject": "C=US\r\nCN=a & b"})
    assert len(site.json(f"/search.json?{query}")["search_results"]["CertificateSigneds"]) == 1


def test_an_account_without_a_key_says_so(site: Site) -> None:
    page = site.get("/search?type=error&error=missing-acme-account-key")
    assert "no active key" in page.text


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=%20", "type=spki", "type=spki&spki=", "type=x&x=1", "q=%23", "q=%E2%80%AE"],
)
def test_who_asks_nothing_is_told_what_can_be_found(site: Site, query: str) -> None:
    assert "What can be found" in site.get(f"/search?{query}", status=200).text


def test_what_was_typed_is_escaped_and_kept_in_the_box(site: Site) -> None:
    typed = '"><script>alert(1)</script>'
    page = search(site, typed)
    assert "<script>" not in page.text
    assert page.forms[0]["q"].value == typed
    assert "Nothing fits" in page.text


@pytest.mark.parametrize(
    "typed",
    ["a" * 100_000, "9" * 5_000, "F" * 5_000, ":" * 2_000, "#" + "9" * 30, "=", "::", "ü" * 400],
)
def test_texts_without_end_find_nothing_and_do_no_harm(site: Site, typed: str) -> None:
    page = search(site, typed, status=200)
    assert "Nothing fits" in page.text
    assert len(page.text) < 20_000


def test_a_search_is_a_bounded_number_of_statements(
    site: Site, leaf: model.CertificateSigned
) -> None:
    with site.writing() as rows:
        for n in range(30):
            domain(rows, f"shop{n}.example.com")
    for typed, most in {"shop": 8, leaf.spki_sha256: 20, "#1": 10, "A" * 32: 12}.items():
        with recorded(site.database.engine) as statements:
            page = search(site, typed, status="*")
        assert len(statements) <= most, statements
    assert "The first 25" in search(site, "shop").text
    assert page.status_code in {200, 303}
