"""Certificates that Peter is given, as a test needs them."""

from __future__ import annotations

from tests.services.estate import Ca, Signed
from tests.services.peter import Peter


def upload(peter: Peter, authority: Ca, *names: str) -> Signed:
    """A new certificate with its key, which Peter has now."""
    leaf = authority.leaf(*names)
    files = {
        "private_key_file_pem": leaf.key_pem,
        "certificate_file": leaf.pem,
        "chain_file": authority.chain,
    }
    answer = peter.http.post(
        f"{peter.url}/certificate-signed/upload.json",
        files={kind: (f"{kind}.pem", content) for kind, content in files.items()},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return leaf
