"""RFC 9773: what a certificate is called, and what a server says of its renewal."""

from __future__ import annotations

import pytest

from peter_sslers.lib.acme_v2 import BadAnswer, Problem, Server, Servers, renewal_info

from .hostile import Hostile, Say

IDENTIFIER = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
WINDOW = {"start": "2027-01-02T04:00:00Z", "end": "2027-01-03T04:00:00.25Z"}


@pytest.fixture
def server(hostile: Hostile, servers: Servers) -> Server:
    directory = hostile.says["/dir"][0].body
    directory["renewalInfo"] = f"{hostile.url}/ari"
    return servers.get(f"{hostile.url}/dir")


def test_certificate_has_the_name_of_the_rfc_s_example() -> None:
    key = "69885B6B87464041E1B37B847BA0AE2CDE01C8D4"
    assert renewal_info.certificate_id(key, 0x87654321) == IDENTIFIER


@pytest.mark.parametrize(
    ("serial", "text"), [(0, "AA"), (0x7F, "fw"), (0x80, "AIA"), (0x1234, "EjQ"), (0xFF00, "AP8A")]
)
def test_serial_number_is_as_in_its_der(serial: int, text: str) -> None:
    assert renewal_info.certificate_id("00", serial) == f"AA.{text}"


def test_window_is_asked_for_without_an_account(hostile: Hostile, server: Server) -> None:
    body = {"suggestedWindow": WINDOW, "explanationURL": "https://ca.example/why"}
    hostile.says[f"/ari/{IDENTIFIER}"] = [Say(body=body, headers=(("Retry-After", "7200"),))]
    said = renewal_info.fetch(server, IDENTIFIER)
    assert (said.start.isoformat(), said.end.microsecond) == ("2027-01-02T04:00:00+00:00", 250_000)
    assert (said.explanation_url, said.again_s) == ("https://ca.example/why", 7200.0)
    assert hostile.asked[-1] == ("GET", f"/ari/{IDENTIFIER}")
    assert hostile.bodies[-1] == b""


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 60.0), ("9999999", 86_400.0), ("soon", 21_600.0), (None, 21_600.0)],
)
def test_pause_until_the_next_question_is_bounded(
    hostile: Hostile, server: Server, header: str | None, seconds: float
) -> None:
    headers = (("Retry-After", header),) if header else ()
    hostile.says[f"/ari/{IDENTIFIER}"] = [Say(body={"suggestedWindow": WINDOW}, headers=headers)]
    assert renewal_info.fetch(server, IDENTIFIER).again_s == seconds


@pytest.mark.parametrize(
    "window",
    [
        None,
        "soon",
        {},
        {"start": WINDOW["start"]},
        {"start": WINDOW["end"], "end": WINDOW["start"]},
        {"start": "tomorrow", "end": WINDOW["end"]},
    ],
)
def test_window_that_is_none_is_refused(hostile: Hostile, server: Server, window: object) -> None:
    hostile.says[f"/ari/{IDENTIFIER}"] = [Say(body={"suggestedWindow": window})]
    with pytest.raises(BadAnswer):
        renewal_info.fetch(server, IDENTIFIER)


def test_certificate_that_the_server_does_not_know(hostile: Hostile, server: Server) -> None:
    hostile.says[f"/ari/{IDENTIFIER}"] = [Say(404, {"detail": "no such certificate"})]
    with pytest.raises(Problem, match="no such certificate"):
        renewal_info.fetch(server, IDENTIFIER)


def test_server_without_renewal_information_says_so(hostile: Hostile, servers: Servers) -> None:
    server = servers.get(f"{hostile.url}/dir")
    assert not renewal_info.offered(server)
    with pytest.raises(BadAnswer, match="does not offer renewalInfo"):
        renewal_info.fetch(server, IDENTIFIER)
