"""Certificates of a CA of our own, as Peter hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

# Bytes of SCTs, addresses and policies in a certificate of Let's Encrypt, about.
PUBLIC = 500

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Pair:
    """What a name is served with; `serial` tells one certificate from another."""

    cert: str
    chain: str
    pkey: str
    serial: int

    @property
    def fullchain(self) -> str:
        return self.cert + self.chain


class Issuer:
    """A root and an intermediate that signs."""

    def __init__(self) -> None:
        self._key: Key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Edge test CA")])

    @cached_property
    def chain(self) -> str:
        return _pem(self._signed(self._name, self._key, ca=True))

    def issue(self, name: str, technology: str = "EC", *, public: bool = False) -> Pair:
        """`public`: as long as those of a public CA, which has more to say in a certificate."""
        key: Key = (
            rsa.generate_private_key(65537, 2048)
            if technology == "RSA"
            else ec.generate_private_key(ec.SECP256R1())
        )
        certificate = self._signed(x509.Name([]), key, name, more=PUBLIC if public else 0)
        pkey = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        chain = self._public_chain(technology) if public else self.chain
        return Pair(_pem(certificate), chain, pkey.decode(), certificate.serial_number)

    def _public_chain(self, technology: str) -> str:
        """One intermediate, signed by an RSA key of 4096 bits."""
        own: Key = (
            rsa.generate_private_key(65537, 2048)
            if technology == "RSA"
            else ec.generate_private_key(ec.SECP384R1())
        )
        root = Issuer()
        root._key = rsa.generate_private_key(65537, 4096)
        return _pem(root._signed(self._name, own, ca=True, more=PUBLIC // 2))

    def _signed(
        self, subject: x509.Name, key: Key, name: str = "", *, ca: bool = False, more: int = 0
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=90))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if name:
            names = x509.SubjectAlternativeName([x509.DNSName(name)])
            builder = builder.add_extension(names, critical=True)
        if more:
            filler = x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.3.6.1.4.1.11129"), bytes(more)
            )
            builder = builder.add_extension(filler, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
