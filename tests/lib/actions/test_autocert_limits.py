"""When autocert may begin a run, from the runs before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peter_sslers.lib.actions import leases
from peter_sslers.lib.actions.autocert_limits import paused_until, registered_domain
from peter_sslers.model import DomainAutocert

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def run(minutes_ago: float, is_successful: bool | None, owner: str | None = None) -> DomainAutocert:
    began = NOW - timedelta(minutes=minutes_ago)
    return DomainAutocert(timestamp_created=began, is_successful=is_successful, lease_owner=owner)


def pause_min(*runs: DomainAutocert) -> float | None:
    until = paused_until(runs, NOW)
    return until and (until - NOW).total_seconds() / 60


def test_first_run_may_begin():
    assert pause_min() is None


@pytest.mark.parametrize(("ago", "pause"), [(4, 6), (11, None)])
def test_ten_minutes_between_runs(ago, pause):
    assert pause_min(run(ago, True)) == pause


def test_one_at_a_time():
    assert pause_min(run(12, None, leases.owner())) is not None


def test_run_whose_process_died_is_none():
    machine, boot, _pid, _began, work = leases.owner().split(" ")
    assert pause_min(run(1, None, f"{machine} {boot} 999999999 1 {work}")) is None


def test_run_that_is_too_old_is_none():
    assert pause_min(run(31, None)) is None
    assert pause_min(run(29, None)) is not None


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 24), (8, 24)])
def test_pause_grows_with_failures(failures, hours):
    failed = [run(10 + n, False) for n in range(failures)]
    assert pause_min(*failed) == hours * 60 - 10


def test_success_forgives_failures():
    assert pause_min(run(11, True), run(20, False), run(30, False)) is None
    assert pause_min(run(11, False), run(20, True), run(30, False)) == 49


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("example.com", "example.com"),
        ("a.b.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("a.example.de", "example.de"),
    ],
)
def test_registered_domain(name, registered):
    assert registered_domain(name) == registered
