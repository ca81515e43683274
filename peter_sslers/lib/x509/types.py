"""What a backend tells us of keys, CSRs and certificates: plain values, equal from each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ...enums import KeyTechnology
from ...errors import SslersError


class X509Error(SslersError):
    """Something is no certificate, no CSR, no key, or does not fit; the message says which."""


class InvalidCertificate(X509Error):
    pass


class InvalidRequest(X509Error):
    """Not a certificate signing request, or its signature is not good."""


class InvalidKey(X509Error):
    """Not an unencrypted RSA (2048 bits and more) or EC (P-256, P-384) private key."""


class InvalidChain(X509Error):
    """The certificates do not sign one another in the order given."""


class OpenSslError(X509Error):
    """The openssl binary is missing, too old, or failed in a way that is no fault of its input."""

    status = 500


@dataclass(frozen=True)
class Certificate:
    """One certificate. Hex is upper case without colons; times are UTC and aware.

    `subject` and `issuer` hold one `KEY=value` a line, in the certificate's order, with OpenSSL's
    short names. `dns_names` and `ip_addresses` are the SANs, sorted, names in lower case;
    `names` is what the certificate is for: the SANs and, where it looks like a name, the CN.
    """

    pem: str
    der: bytes = field(repr=False)
    subject: str
    issuer: str
    serial: int
    not_before: datetime
    not_after: datetime
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    names: tuple[str, ...]
    key_technology: KeyTechnology | None  # None: a kind that we do not use, Ed25519 for example
    fingerprint_sha1: str
    fingerprint_sha256: str
    spki_sha256: str
    modulus_md5: str | None  # RSA only
    issuer_uri: str | None
    authority_key_identifier: str | None
    subject_key_identifier: str | None
    is_ca: bool

    def __hash__(self) -> int:
        return hash(self.der)  # all else follows from it; chains are the keys of dictionaries


@dataclass(frozen=True)
class CertificateRequest:
    """One CSR whose signature is good. `dns_names` and `ip_addresses` as in a Certificate."""

    pem: str
    subject: str
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    names: tuple[str, ...]
    key_technology: KeyTechnology
    spki_sha256: str
    modulus_md5: str | None


@dataclass(frozen=True)
class PrivateKey:
    """One unencrypted private key. `size` is the bits of the modulus, or of the curve."""

    pem: str = field(repr=False)
    key_technology: KeyTechnology
    size: int
    spki_sha256: str
    modulus_md5: str | None
