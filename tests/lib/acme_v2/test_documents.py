"""Reading what a server says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peter_sslers.enums import AuthorizationStatus, ChallengeStatus, ChallengeType, OrderStatus
from peter_sslers.lib.acme_v2 import Authorization, BadAnswer, Challenge, Identifier, Order
from peter_sslers.lib.acme_v2.documents import Document, moment, retry_after
from peter_sslers.lib.acme_v2.problems import Gone, Problem, RateLimited, clean, refusal

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def document(data: dict[str, Any], **more: Any) -> Document:
    return Document(data, "it", own=lambda url: url, **more)


ORDER = {
    "status": "pending",
    "expires": "2026-12-01T00:00:00Z",
    "identifiers": [{"type": "dns", "value": "a.example.com"}, {"type": "ip", "value": "::1"}],
    "authorizations": ["https://ca/authz/1", "https://ca/authz/2"],
    "finalize": "https://ca/finalize/1",
}
CHALLENGE = {"type": "dns-01", "url": "https://ca/c/1", "status": "pending", "token": "abc"}
AUTHORIZATION = {
    "status": "valid",
    "wildcard": True,
    "identifier": {"type": "dns", "value": "example.com"},
    "challenges": [CHALLENGE],
}


def test_order_is_read_as_the_rfc_writes_it() -> None:
    order = Order.parse("https://ca/order/1", document(ORDER, retry_after_s=3.0))
    assert order.status is OrderStatus.PENDING
    assert order.identifiers == (Identifier("dns", "a.example.com"), Identifier("ip", "::1"))
    assert order.authorizations == ("https://ca/authz/1", "https://ca/authz/2")
    assert order.expires == datetime(2026, 12, 1, tzinfo=UTC)
    assert (order.certificate, order.error, order.retry_after_s) == (None, None, 3.0)


def test_authorization_finds_its_challenge_by_type() -> None:
    read = Authorization.parse("https://ca/authz/1", document(AUTHORIZATION))
    challenge = read.challenge(ChallengeType.DNS_01)
    assert read.wildcard
    assert challenge
    assert challenge.token == "abc"
    assert read.challenge(ChallengeType.HTTP_01) is None


def test_a_challenge_of_an_unknown_type_is_kept_without_type() -> None:
    persist = {"type": "dns-persist-01", "url": "https://ca/c/2", "status": "pending"}
    assert Challenge.parse(document(persist)).type is None


def test_why_a_challenge_failed_is_readable() -> None:
    error = {"type": "urn:ietf:params:acme:error:dns", "detail": "NXDOMAIN", "status": 400}
    failed = Challenge.parse(document({**CHALLENGE, "status": "invalid", "error": error}))
    assert failed.status is ChallengeStatus.INVALID
    assert str(failed.error) == "dns: NXDOMAIN"


@pytest.mark.parametrize("status", ["approved", "", "*404*", "*discovered*", "VALID"])
def test_a_word_that_is_no_status_becomes_unknown(status: str) -> None:
    order = Order.parse("u", document({**ORDER, "status": status}))
    authorization = Authorization.parse("u", document({**AUTHORIZATION, "status": status}))
    assert order.status is OrderStatus.UNKNOWN
    assert authorization.status is AuthorizationStatus.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        {"status": 5},
        {"status": None},
        {"identifiers": "a.example.com"},
        {"identifiers": ["a.example.com"]},
        {"identifiers": [{"type": "dns", "value": ["x"]}]},
        {"authorizations": None},
        {"authorizations": [1]},
        {"authorizations": ["https://ca/authz"] * 1001},
        {"finalize": None},
        {"finalize": "https://ca/" + 3000 * "x"},
        {"finalize": "https://ca/\r\nSet-Cookie: x"},
        {"expires": "soon"},
        {"expires": 1764547200},
    ],
    ids=str,
)
def test_an_order_of_another_shape_is_a_bad_answer(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer, match="it: "):
        Order.parse("u", document({**ORDER, **change}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T12:00:00Z", NOW),
        ("2026-11-24t12:00:00z", NOW),
        ("2026-11-24T14:00:00+02:00", NOW),
        ("2026-11-24T12:00:00.5Z", NOW + timedelta(milliseconds=500)),
        ("2026-11-24T12:00:00.123456789Z", NOW + timedelta(microseconds=123456)),
        ("2026-11-24 12:00:00", NOW),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_times_are_read_as_utc(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("3", 3.0),
        ("0", 0.0),
        ("99999999999", 604800.0),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
        ("Tue, 24 Nov 2026 12:02:00 GMT", 120.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2099 11:00:00 GMT", 604800.0),
        ("tomorrow", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2029 00:00:00 +99999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_week(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after(header, NOW) == seconds


def test_problem_tells_type_detail_and_every_subproblem() -> None:
    problem = refusal(
        403,
        {
            "type": "urn:ietf:params:acme:error:rejectedIdentifier",
            "detail": "two names",
            "instance": "https://ca/doc",
            "subproblems": [
                {
                    "type": "urn:ietf:params:acme:error:caa",
                    "detail": "forbidden",
                    "identifier": {"type": "dns", "value": "a.example.com"},
                },
                {"type": "urn:ietf:params:acme:error:dns", "detail": "none"},
            ],
        },
    )
    assert problem.type == "rejectedIdentifier"
    assert [s.identifier for s in problem.subproblems] == ["a.example.com", None]
    told = "rejectedIdentifier: two names [a.example.com: caa: forbidden; order: dns: none]"
    assert str(problem) == told


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (429, "urn:ietf:params:acme:error:rateLimited", RateLimited),
        (429, None, RateLimited),
        (404, "about:blank", Gone),
        (400, "urn:ietf:params:acme:error:malformed", Problem),
    ],
)
def test_refusals_that_callers_tell_apart_have_a_class(
    status: int, kind: str | None, expected: type[Problem]
) -> None:
    assert type(refusal(status, {"type": kind})) is expected


def test_a_rate_limit_tells_when_there_is_a_next_time() -> None:
    assert "retry after 60 s" in str(refusal(429, {"detail": "too many"}, 60.0))


def test_a_problems_text_is_one_clean_line_of_bounded_length() -> None:
    evil = "a\x1b[31m\r\nSet-Cookie: x\u202egnp.exe\x00" + "long " * 10_000
    problem = Problem(400, {"detail": evil, "type": "<b>:\r\n"})
    assert str(problem).isprintable()
    assert len(str(problem)) < 1100
    assert problem.type == ""


def test_words_in_the_place_of_a_problems_type_are_words() -> None:
    """acme2certifier says so of signatures."""
    problem = Problem(403, {"status": 403, "type": "Verification failed for all signatures"})
    assert (problem.type, str(problem)) == ("", "Verification failed for all signatures")


@pytest.mark.parametrize(
    ("code", "is_no"), [(400, True), (404, True), (500, False), (501, True), (503, False)]
)
def test_what_a_server_has_not_got_it_has_not_done(code: int, is_no: bool) -> None:
    assert Problem(code, {"detail": "no"}).is_no is is_no


def test_problem_survives_members_of_the_wrong_type() -> None:
    odd = {"type": [5], "detail": {"a": 1}, "subproblems": [1, {"identifier": 2, "detail": []}]}
    assert str(Problem(400, odd)).startswith("HTTP 400")


def test_clean_keeps_what_is_printable() -> None:
    assert clean("müller\u00a0& söhne ✓", 100) == "müller & söhne ✓"
