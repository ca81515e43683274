"""What only the road over the binary can get wrong."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from peter_sslers.enums import KeyTechnology
from peter_sslers.lib.x509 import InvalidKey, OpenSslError, choose
from peter_sslers.lib.x509.openssl import OpenSslBackend
from peter_sslers.lib.x509.python import PythonBackend

BLOCKED = """
import sys
sys.modules["cryptography"] = None
from pathlib import Path
from peter_sslers.enums import KeyTechnology
from peter_sslers.lib import x509
backend = x509.choose()
key = backend.new_key(KeyTechnology.EC)
request = backend.csr(backend.new_csr(["example.com"], key))
backend.certificate(Path(sys.argv[1]).read_text())
loaded = [name for name in sys.modules if name.startswith("cryptography.")]
sys.stdout.write(f"{backend.name} {request.names} {loaded}")
"""


@pytest.fixture
def script(tmp_path):
    """`script("echo hello")` → the path of a shell script that stands in for openssl."""

    def write(text: str) -> str:
        path = tmp_path / "openssl"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def test_without_cryptography_the_binary_is_chosen():
    certificate = Path(__file__).parents[3] / "test_data/certificates/rsa2048.pem"
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, certificate],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "openssl ('example.com',) []"


def test_with_cryptography_it_is_chosen():
    assert isinstance(choose(), PythonBackend)


def test_version_can_be_compared():
    assert OpenSslBackend().version() >= (1, 1, 1)


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19)", (3, 0, 19)),
        ("OpenSSL 1.1.1w  11 Sep 2023", (1, 1, 1)),
        ("LibreSSL 3.8.2", (3, 8, 2)),
        ("LibreSSL 4.1.0", (4, 1, 0)),
    ],
)
def test_versions_of_other_binaries(script, says, version):
    backend = OpenSslBackend(script(f"echo '{says}'; echo 'WARNING: chatter' >&2"))
    assert backend.version() == version


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("echo 'OpenSSL 1.0.2k-fips  26 Jan 2017'", "too old: OpenSSL 1.1.1 is the least"),
        ("echo 'LibreSSL 2.8.3'", "too old: LibreSSL 3.5.0 is the least"),
        ("echo hello", "is no openssl: it says “hello”"),
    ],
)
def test_binaries_that_will_not_do(script, text, words):
    with pytest.raises(OpenSslError, match=words):
        OpenSslBackend(script(text)).new_key(KeyTechnology.EC)


def test_a_missing_binary_is_named():
    with pytest.raises(OpenSslError, match="/nowhere/openssl can not be run: No such file"):
        OpenSslBackend("/nowhere/openssl").version()


def test_a_failure_of_the_binary_is_not_blamed_on_its_input(script, read):
    path = script(
        '[ "$1" = version ] && echo "OpenSSL 3.0.1 x" || { echo "no memory" >&2; exit 1; }'
    )
    backend = OpenSslBackend(path)
    for question in (
        lambda: backend.csr(read("requests/rsa2048.pem")),
        lambda: backend.key(read("keys/rsa2048.pem")),
        lambda: backend.key(read("keys/ec256.pem")),
        lambda: backend.new_key(KeyTechnology.RSA),
    ):
        with pytest.raises(OpenSslError, match="failed: no memory"):
            question()
    assert OpenSslError.status == 500


def test_a_binary_that_hangs_is_given_up(script, monkeypatch):
    monkeypatch.setattr("peter_sslers.lib.x509.openssl.TIMEOUT", 0.1)
    with pytest.raises(OpenSslError, match="gave no answer"):
        OpenSslBackend(script("exec sleep 20")).version()


def test_the_configuration_is_passed_on_where_it_exists(script, tmp_path):
    path = script(f'echo "$OPENSSL_CONF" > {tmp_path}/seen; echo "OpenSSL 3.0.1 x"')
    conf = tmp_path / "openssl.cnf"
    conf.touch()
    OpenSslBackend(path, str(conf)).version()
    assert (tmp_path / "seen").read_text() == f"{conf}\n"
    OpenSslBackend(path, "/nowhere/openssl.cnf").version()
    assert (tmp_path / "seen").read_text() != "/nowhere/openssl.cnf\n"


def test_no_secret_among_arguments_environment_or_files(script, tmp_path, read, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    log = tmp_path / "log"
    backend = OpenSslBackend(script(f'(echo "$@"; env) >> {log}; exec openssl "$@"'))
    key = read("keys/rsa2048.pem")
    backend.key(key)
    backend.csr(backend.new_csr(["secret.example.com"], key))
    backend.account_key(key).sign(b"payload")
    backend.key(read("keys/ec256.pem"))
    seen = log.read_text()
    assert "/dev/fd/" in seen
    assert not any(line in seen for line in key.split("\n")[1:-2])
    assert "PRIVATE KEY" not in seen
    assert "secret.example.com" not in seen
    assert list((tmp_path / "temporary").iterdir()) == []


def test_an_encrypted_key_asks_nobody(script, read):
    backend = OpenSslBackend(script("exit 1"))
    with pytest.raises(InvalidKey, match="encrypted"):
        backend.key(read("keys/encrypted_pkcs8.pem"))


def test_no_descriptor_is_left_open(read):
    backend = OpenSslBackend()
    backend.version()
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    for _ in range(5):
        backend.csr(read("requests/rsa2048.pem"))
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
