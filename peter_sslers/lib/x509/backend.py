"""The one interface over pyca/cryptography and the openssl binary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...enums import KeyTechnology
from .types import Certificate, CertificateRequest, PrivateKey


class AccountKey(Protocol):
    """A key that signs ACME requests: RFC 7518 sections 3.3 and 3.4."""

    @property
    def alg(self) -> str:
        """RS256, ES256 or ES384."""

    def jwk(self) -> dict[str, str]:
        """The public key: RFC 7517, the members that RFC 7638 wants and no others."""

    def sign(self, data: bytes) -> bytes:
        """The signature in JWS form: for EC that is r and s side by side, not DER."""


class Backend(Protocol):
    """Every operation on keys, CSRs and certificates. PEM comes in as text of any line ending.

    Each method raises the X509Error of its object for input that is not what it should be, with
    the same words from every backend.
    """

    name: str  # "cryptography" or "openssl"

    def certificate(self, pem: str) -> Certificate:
        """Read the first certificate of `pem`."""

    def certificate_from_der(self, der: bytes) -> Certificate: ...

    def csr(self, pem: str) -> CertificateRequest:
        """Read a CSR and check its signature."""

    def key(self, pem: str) -> PrivateKey:
        """Read an unencrypted key in PKCS#8, PKCS#1 or SEC 1 form."""

    def key_der(self, pem: str) -> bytes:
        """The same key as PKCS#8 DER."""

    def new_key(self, technology: KeyTechnology, size: int = 0) -> str:
        """Make a key, PKCS#8 PEM. RSA 2048, 3072, 4096 (0: 4096); EC 256, 384 (0: 384)."""

    def key_from_jwk(self, jwk: dict[str, str]) -> str:
        """A private JWK (RFC 7517; Certbot's private_key.json) as PKCS#8 PEM."""

    def new_csr(self, names: Sequence[str], key_pem: str) -> str:
        """A CSR with an empty subject, every name or IP address as SAN, signed with SHA-256."""

    def account_key(self, pem: str) -> AccountKey: ...

    def pkcs7_certificates(self, der: bytes) -> list[str]:
        """The certificates of a PKCS#7 bundle (DER), as clean PEM in their order."""

    def check_chain(self, chain: Sequence[Certificate]) -> None:
        """Each certificate must be signed by the next one, else InvalidChain."""

    def check_to_root(self, leaf: str, chain: Sequence[str], root: str) -> None:
        """The leaf must lead over the chain to the root, dates not looked at; else InvalidChain."""


def choose(openssl: str = "openssl", conf: str = "") -> Backend:
    """pyca/cryptography where it is installed, else the binary. The only place that tries it."""
    try:
        from .python import PythonBackend
    except ImportError:
        from .openssl import OpenSslBackend

        return OpenSslBackend(openssl, conf)
    return PythonBackend()
