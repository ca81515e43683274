import pytest

from peter_sslers.lib.x509 import X509Error, pem

BLOCK = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    "text",
    [
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("\n", "\r"),
        BLOCK.replace("\n", " \t\n\n \n"),
        "\ufeff" + BLOCK,
        "\n\n  " + BLOCK.strip(),
    ],
)
def test_clean_pem_has_one_form(text):
    assert pem.clean_pem(text) == BLOCK


def test_clean_pem_of_nothing_is_nothing():
    assert pem.clean_pem(" \r\n\t\n") == ""


def test_cleaning_twice_changes_nothing():
    assert pem.clean_pem(pem.clean_pem("  a \r\n\r\n b")) == "a\nb\n"


def test_chains_of_files_that_each_have_a_bom():
    assert pem.split_pems(("\ufeff" + BLOCK) * 2) == [BLOCK, BLOCK]


def test_split_pems_skips_what_stands_between():
    text = f"subject=/CN=a\n{BLOCK.strip()}   \n\nissuer=b\n{BLOCK}bye"
    assert pem.split_pems(text) == [BLOCK, BLOCK]


def test_split_pems_takes_only_the_label_asked_for():
    key = BLOCK.replace("CERTIFICATE", "PRIVATE KEY")
    assert pem.split_pems(BLOCK + key, "PRIVATE KEY") == [key]


def test_split_pems_skips_a_block_without_end():
    assert pem.split_pems("-----BEGIN CERTIFICATE-----\nAAAA\n" + BLOCK) == [BLOCK]


def test_many_begins_take_no_quadratic_time():
    assert pem.split_pems("-----BEGIN CERTIFICATE-----\n" * 100_000) == []


def test_text_without_limit_is_refused():
    with pytest.raises(X509Error, match="longer than"):
        pem.split_pems("x" * (pem.MAX_CHARACTERS + 1))


def test_der_and_back():
    der = bytes(range(256))
    text = pem.der_to_pem(der, "X")
    assert pem.pem_to_der(text) == der
    assert max(map(len, text.split("\n"))) == 64


@pytest.mark.parametrize("body", ["AAE", "AA=C", "A!EC", "ÄÖÜ0", "Proc-Type: 4,ENCRYPTED"])
def test_a_body_that_is_no_base64_is_refused(body):
    with pytest.raises(X509Error, match="not base64"):
        pem.pem_to_der(BLOCK.replace("AAEC", body))


def test_text_without_a_block_is_no_pem():
    with pytest.raises(X509Error, match="not PEM"):
        pem.pem_to_der("hello")


def test_md5_is_over_the_text_with_its_last_newline():
    assert pem.md5_hex("a\n") == "60b725f10c9c85c70d97880dfe8191b3"


def test_b64url_has_no_padding_and_comes_back():
    assert pem.b64url(b"\xff\xfe\xfd\xfc") == "__79_A"
    assert pem.b64url_decode("__79_A") == b"\xff\xfe\xfd\xfc"


@pytest.mark.parametrize("text", ["a", "ab===", "a b", "ä", "ab\n"])
def test_what_is_no_b64url_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        pem.b64url_decode(text)
