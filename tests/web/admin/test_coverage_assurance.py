"""Reports of lost cover: listed, shown and resolved."""

from __future__ import annotations

from typing import Any

import pytest

from peter_sslers.enums import OperationsEventType

from .acme_site import Site
from .certificate_rows import stored
from .test_private_key_marks import event_of


@pytest.fixture
def reports(site: Site) -> Site:
    """1 is on a key, 2 on its certificate."""
    stored(site)
    site.post("/private-key/1/mark.json", {"action": "compromised"})
    return site


def resolved(site: Site, number: int, resolution: str, status: int = 200) -> Any:
    fields = {"action": "resolution", "resolution": resolution}
    path = f"/coverage-assurance-event/{number}/mark.json"
    return site.post(path, fields, status=status).json


def test_lists(reports: Site) -> None:
    found = reports.json("/coverage-assurance-events/all.json")
    assert [e["id"] for e in found["CoverageAssuranceEvents"]] == [2, 1]
    assert found["CoverageAssuranceEvents_count"] == 2
    assert found["pagination"]["total_items"] == 2
    event = found["CoverageAssuranceEvents"][0]
    assert event["certificate_signed_id"] == 1
    assert event["coverage_assurance_event_id__parent"] == 1
    for path in ("all", "unresolved", "all/1"):
        reports.get(f"/coverage-assurance-events/{path}")


def test_children_stand_below_their_parent(reports: Site) -> None:
    found = reports.json("/coverage-assurance-event/1/children.json")
    assert found["CoverageAssuranceEvent"]["id"] == 1
    assert found["CoverageAssuranceEvents_Children_count"] == 1
    assert [e["id"] for e in found["CoverageAssuranceEvents_Children"]] == [2]
    assert "Its parts" in reports.get("/coverage-assurance-event/1").text


def test_key_and_certificate_lead_to_their_reports(reports: Site) -> None:
    path = "coverage-assurance-events.json"
    of_key = reports.json(f"/private-key/1/{path}")["CoverageAssuranceEvents"]
    of_certificate = reports.json(f"/certificate-signed/1/{path}")["CoverageAssuranceEvents"]
    assert [e["id"] for e in of_key] == [2, 1]
    assert [e["id"] for e in of_certificate] == [2]


@pytest.mark.parametrize(
    ("number", "resolution"),
    [(1, "PrivateKey_replaced"), (2, "CertificateSigned_replaced"), (1, "abandoned")],
)
def test_resolution(reports: Site, number: int, resolution: str) -> None:
    found = resolved(reports, number, resolution)
    assert found["CoverageAssuranceEvent"]["coverage_assurance_resolution"] == resolution
    assert found["CoverageAssuranceEvent"]["coverage_assurance_event_status"] == (
        "reported+deactivated"
    )
    assert event_of(reports, OperationsEventType.COVERAGE_ASSURANCE_EVENT_MARK_RESOLUTION) == {
        "v": 1,
        "coverage_assurance_event.id": number,
        "action": "resolution",
        "resolution": resolution,
    }
    unresolved = reports.json("/coverage-assurance-events/unresolved.json")
    assert unresolved["CoverageAssuranceEvents_count"] == 1


@pytest.mark.parametrize(
    ("number", "resolution", "text"),
    [
        (1, "CertificateSigned_replaced", "incompatible `resolution`"),
        (2, "PrivateKey_replaced", "incompatible `resolution`"),
        (1, "unresolved", "No Change"),
        (1, "forgotten", "Value must be one of"),
    ],
)
def test_refused_resolutions(reports: Site, number: int, resolution: str, text: str) -> None:
    found = resolved(reports, number, resolution, 400)
    assert text in found["form_errors"]["resolution"]


def test_html_form_leads_back(reports: Site) -> None:
    form = reports.get("/coverage-assurance-event/1/mark?confirm=1").form
    form["resolution"] = "abandoned"
    answer = form.submit(status=303)
    target = "/coverage-assurance-event/1?result=success&operation=mark"
    assert reports.location(answer) == target
