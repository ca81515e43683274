"""Many certificates in one request."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.estate import Ca

from .acme_site import ROOT, Site

BULK = "/certificate-signed/upload-bulk"
AUTHORITY = Ca("Bulk")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(
        tmp_path,
        upload_bulk_max_mib=5,
        upload_bulk_unpacked_max_mib=6,
        upload_bulk_member_max_kib=256,
    )
    yield site
    site.close()


def packed(**members: bytes) -> bytes:
    """`a__crt` is `a.crt`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def sent(site: Site, content: bytes, path: str = f"{BULK}.json", **kw: Any) -> Any:
    return site.post(path, upload_files=[("archive_file", "a.zip", content)], **kw)


def counted(answer: Any) -> tuple[int, int, int]:
    found = answer.json
    return found["imported"], found["already_there"], found["refused"]


def test_a_zip_is_taken_in_and_each_item_told(site: Site) -> None:
    a, b = AUTHORITY.leaf("a.example.com"), AUTHORITY.leaf("b.example.com")
    content = packed(
        a__crt=a.pem, a__key=a.key_pem, chain__pem=AUTHORITY.chain, b__crt=b.pem, c__pem=b"x"
    )
    answer = sent(site, content)
    assert counted(answer) == (1, 0, 2)
    items = {item["name"]: item for item in answer.json["items"]}
    assert items["a.crt"] == {
        "name": "a.crt",
        "result": "imported",
        "CertificateSigned": {"id": 1, "url": f"http://localhost{ROOT}/certificate-signed/1"},
    }
    assert items["b.crt"]["result"] == "refused"
    assert "no private key" in items["b.crt"]["reason"]
    assert items["c.pem"]["reason"]
    assert counted(sent(site, content)) == (0, 1, 2)


def test_a_browser_is_shown_what_became_of_each(site: Site) -> None:
    a, b = AUTHORITY.leaf("a.example.com"), AUTHORITY.leaf("b.example.com")
    content = packed(a__crt=a.pem + AUTHORITY.chain, a__key=a.key_pem, b__crt=b.pem)
    page = sent(site, content, BULK)
    assert "1 imported, 0 already there, 1 refused." in page.text
    assert "There is no private key for it" in page.text
    assert "archive_file" in site.get(BULK).text


def fields(*names: str) -> list[tuple[str, str, bytes]]:
    leaves = [AUTHORITY.leaf(name) for name in names]
    return [
        *(("certificate_file", "c.pem", leaf.pem) for leaf in leaves),
        *(("private_key_file_pem", "k.pem", leaf.key_pem) for leaf in leaves),
    ]


def test_files_one_by_one_with_one_chain_for_all(site: Site) -> None:
    chain = [("chain_file", "chain.pem", AUTHORITY.chain)]
    files = [*fields("a.example.com", "b.example.com"), *chain]
    assert counted(site.post(f"{BULK}.json", upload_files=files)) == (2, 0, 0)


def errors(answer: Any) -> str:
    return " ".join(answer.json["form_errors"].values())


def test_numbers_of_files_that_do_not_fit_are_told(site: Site) -> None:
    files = fields("a.example.com", "b.example.com")
    answer = site.post(f"{BULK}.json", upload_files=files[:-1], status=400)
    assert "There are 2 certificates and 1 keys." in errors(answer)
    chains = [("chain_file", "c.pem", AUTHORITY.chain)] * 3
    answer = site.post(f"{BULK}.json", upload_files=[*files, *chains], status=400)
    assert "There are 2 certificates and 3 chains." in errors(answer)
    both = [*files, ("archive_file", "a.zip", b"x")]
    assert "either" in errors(site.post(f"{BULK}.json", upload_files=both, status=400))


def test_a_second_archive_is_not_lost_in_silence(site: Site) -> None:
    leaf = AUTHORITY.leaf("a.example.com")
    content = packed(a__crt=leaf.pem + AUTHORITY.chain, a__key=leaf.key_pem)
    files = [("archive_file", "a.zip", content), ("archive_file", "b.zip", content)]
    found = site.post(f"{BULK}.json", upload_files=files, status=400).json["form_errors"]
    assert found["archive_file"] == "There are 2 files where one is wanted"
    files[1] = ("archive_file", "", b"")  # a browser's way to say that none was chosen
    assert counted(site.post(f"{BULK}.json", upload_files=files)) == (1, 0, 0)


def test_a_large_file_is_refused_and_the_others_taken(site: Site) -> None:
    files = fields("a.example.com", "b.example.com")
    files[0] = ("certificate_file", "c.pem", b"A" * 300_000)
    files.append(("chain_file", "chain.pem", AUTHORITY.chain))
    answer = site.post(f"{BULK}.json", upload_files=files)
    assert counted(answer) == (1, 0, 1)
    assert "larger than 256 KiB" in answer.json["items"][0]["reason"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"nonsense", "It is no zip archive."),
        (packed(), "There is no certificate in it."),
        (packed(readme__txt=b"hello"), "There is no certificate in it."),
        (packed(a__pem=bytes(7 * 1024**2)), "larger than 6 MiB"),
        (packed(**{f"{n}__pem": bytes(200_000) for n in range(40)}), "larger than 6 MiB"),
    ],
    ids=["no zip", "empty", "nothing in it", "one bomb", "many bombs"],
)
def test_an_archive_that_can_not_be_taken_is_refused(
    site: Site, content: bytes, reason: str
) -> None:
    found = sent(site, content, status=400).json["form_errors"]
    assert reason in found["archive_file"]


def test_names_that_lead_out_are_refused_and_the_rest_taken(site: Site) -> None:
    leaf = AUTHORITY.leaf("a.example.com")
    content = packed(
        **{"../evil.pem": b"x", "/etc/evil.pem": b"x"},
        a__crt=leaf.pem + AUTHORITY.chain,
        a__key=leaf.key_pem,
    )
    answer = sent(site, content)
    assert counted(answer) == (1, 0, 2)
    assert "leads out" in answer.json["items"][0]["reason"]


def test_a_body_beyond_the_setting_is_refused(site: Site) -> None:
    answer = sent(site, bytes(6 * 1024**2), expect_errors=True)
    assert answer.status_int == 413
    assert "larger than 5 MiB" in answer.text


def test_a_body_larger_than_other_forms_have_is_taken(site: Site) -> None:
    leaf = AUTHORITY.leaf("a.example.com")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for number in range(18):
            archive.writestr(f"other/{number}.txt", bytes(250_000))
        archive.writestr("a.pem", leaf.key_pem + leaf.pem + AUTHORITY.chain)
    assert len(file.getvalue()) > 4 * 1024**2
    assert counted(sent(site, file.getvalue())) == (1, 0, 0)


def test_more_parts_than_a_process_has_descriptors_for_are_refused(site: Site) -> None:
    files = [("certificate_file", "c.pem", b"A" * 1_100)] * 700
    answer = site.post(f"{BULK}.json", upload_files=files, expect_errors=True)
    assert answer.status_int == 413
    assert "more than 600 parts" in answer.text
