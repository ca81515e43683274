"""The backend over the openssl binary: one process a question, nothing on disk, no shell.

What is secret goes in by standard input or by a pipe (`/dev/fd/N`), never as an argument.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from ...enums import KeyTechnology
from . import pem
from .common import EC_SIZES, CommonBackend
from .private_keys import DAMAGED
from .types import InvalidKey, OpenSslError

TIMEOUT = 60  # seconds; RSA 4096 on a slow machine takes ten
OLDEST = {"OpenSSL": (1, 1, 1), "LibreSSL": (3, 5, 0)}
_VERSION = re.compile(r"^(OpenSSL|LibreSSL) (\d+)\.(\d+)\.(\d+)", re.MULTILINE)
_NO_FIT = re.compile("verification failure|error verifying data", re.IGNORECASE)
# Where the binary says that the key, and not itself, is at fault.
_BAD_KEY = re.compile(
    "key is invalid|could not (read|find) .*key|unable to load (private )?key", re.IGNORECASE
)
_FD = "/dev/fd/"
_SHOWN = 200  # characters of the binary's own words that an error repeats


class OpenSslBackend(CommonBackend):
    """`openssl` is the binary's path or name, `conf` its configuration file."""

    name = "openssl"

    def __init__(self, openssl: str = "openssl", conf: str = "") -> None:
        self.openssl = openssl
        self.conf = conf

    def version(self) -> tuple[int, int, int]:
        """Raises OpenSslError for a binary that is missing, unknown or too old."""
        return self._version

    @cached_property
    def _version(self) -> tuple[int, int, int]:
        answer = self._run(["version"]).stdout.decode("utf-8", "replace")
        match = _VERSION.search(answer)
        if match is None:
            raise OpenSslError(f"{self.openssl} is no openssl: it says “{answer.strip()[:_SHOWN]}”")
        product, *numbers = match.groups()
        version = (int(numbers[0]), int(numbers[1]), int(numbers[2]))
        if version < OLDEST[product]:
            oldest = ".".join(map(str, OLDEST[product]))
            raise OpenSslError(f"{self.openssl} is too old: {product} {oldest} is the least")
        return version

    def _public_key(self, pkcs8: bytes) -> bytes:
        done = self._ask(["pkey", "-inform", "DER", "-check", "-pubout"], pkcs8)
        found = pem.split_pems(done.stdout.decode("ascii", "replace"), "PUBLIC KEY")
        if done.returncode == 0 and found:
            return pem.pem_to_der(found[0])
        if _BAD_KEY.search(_words(done)):
            raise InvalidKey(DAMAGED)
        raise self._failed(done)

    def _signer(self, pkcs8: bytes, hash_name: str) -> Callable[[bytes], bytes]:
        key = pem.der_to_pem(pkcs8, "PRIVATE KEY").encode()

        def sign(data: bytes) -> bytes:
            with _pipes(key) as (path,):
                done = self._ask(["dgst", f"-{hash_name}", "-sign", path], data)
            if done.returncode or not done.stdout:
                raise self._failed(done)
            return done.stdout

        return sign

    def _verify(self, spki: bytes, signature: bytes, data: bytes, hash_name: str) -> bool:
        key = pem.der_to_pem(spki, "PUBLIC KEY").encode()
        with _pipes(key, signature) as (path, signed):
            command = ["dgst", f"-{hash_name}", "-verify", path, "-signature", signed]
            done = self._ask(command, data)
        answer = done.stdout.decode("ascii", "replace")
        if done.returncode == 0 and "Verified OK" in answer:
            return True
        if _NO_FIT.search(f"{answer} {_words(done)}"):
            return False
        raise self._failed(done)

    def _generate(self, technology: KeyTechnology, size: int) -> bytes:
        options = [f"rsa_keygen_bits:{size}"]
        if technology is KeyTechnology.EC:
            options = [f"ec_paramgen_curve:{EC_SIZES[size].name}", "ec_param_enc:named_curve"]
        arguments = [part for option in options for part in ("-pkeyopt", option)]
        done = self._ask(["genpkey", "-algorithm", technology.value, *arguments])
        found = pem.split_pems(done.stdout.decode("ascii", "replace"), "PRIVATE KEY")
        if done.returncode or not found:
            raise self._failed(done)
        return pem.pem_to_der(found[0])

    def _ask(self, arguments: list[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        self.version()
        return self._run(arguments, data)

    def _run(self, arguments: list[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        environment = dict(os.environ)
        if self.conf and Path(self.conf).is_file():
            environment["OPENSSL_CONF"] = self.conf
        descriptors = [int(name.rpartition("/")[2]) for name in arguments if name.startswith(_FD)]
        try:
            return subprocess.run(
                [self.openssl, *arguments],
                input=data,
                capture_output=True,
                check=False,
                env=environment,
                pass_fds=descriptors,
                start_new_session=True,  # no terminal: it can not ask anybody for a passphrase
                timeout=TIMEOUT,
            )
        except OSError as exc:
            raise OpenSslError(f"{self.openssl} can not be run: {exc.strerror}") from None
        except subprocess.TimeoutExpired:
            raise OpenSslError(f"{self.openssl} gave no answer in {TIMEOUT} seconds") from None

    def _failed(self, done: subprocess.CompletedProcess[bytes]) -> OpenSslError:
        return OpenSslError(f"{self.openssl} failed: {_words(done)[:_SHOWN]}")


@contextmanager
def _pipes(*blobs: bytes) -> Iterator[list[str]]:
    """A path for each blob that gives it to a child, once; each fits into a pipe's buffer."""
    with ExitStack() as stack:
        paths = []
        for blob in blobs:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            with os.fdopen(writing, "wb") as file:
                file.write(blob)
            paths.append(f"{_FD}{reading}")
        yield paths


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "replace").strip()
