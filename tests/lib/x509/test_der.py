import pytest
from hypothesis import given
from hypothesis import strategies as st

from peter_sslers.lib.x509 import der


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "empty"),
        ("30", "too early"),
        ("3001", "too early"),
        ("300205000500", "bytes after"),
        ("3080", "does not allow"),
        ("30850000000000", "does not allow"),
        ("308100", "shortest"),
        ("30820080" + "00" * 128, "shortest"),
        ("1f8101", "tag"),
        ("0500", "type 0x05"),
    ],
)
def test_what_is_no_der_is_refused(data, words):
    with pytest.raises(der.DerError, match=words):
        der.whole(bytes.fromhex(data))


@pytest.mark.parametrize("raw", ["", "0001", "007f", "ff80"])
def test_integers_must_be_in_their_shortest_form(raw):
    data = der.write(der.INTEGER, bytes.fromhex(raw))
    with pytest.raises(der.DerError):
        der.integer(data, der.nodes(data, 0, len(data))[0])


def test_integers_can_be_negative():
    data = bytes.fromhex("0201ff")
    assert der.integer(data, der.nodes(data, 0, len(data))[0]) == -1


@pytest.mark.parametrize("text", ["1.2.840.113549.1.1.11", "2.5.4.3", "2.999.1", "0.9.2342", "1.3"])
def test_object_identifiers_come_back(text):
    assert der.dotted(der.oid_content(text)) == text


@pytest.mark.parametrize("raw", ["", "80", "8001", "2a80", "2a86"])
def test_broken_object_identifiers_are_refused(raw):
    with pytest.raises(der.DerError):
        der.dotted(bytes.fromhex(raw))


@given(st.integers(min_value=0, max_value=2**300), st.binary(max_size=70_000))
def test_what_is_written_can_be_read(number, body):
    data = der.write(der.SEQUENCE, der.write_integer(number), der.write(der.OCTET_STRING, body))
    first, second = der.whole(data)
    assert der.integer(data, first) == number
    assert der.content(data, second, der.OCTET_STRING) == body
    assert der.encoded(data, second) == der.write(der.OCTET_STRING, body)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        der.whole(data)
    except der.DerError:
        return
    assert data[0] == der.SEQUENCE
