"""A CA that signs whatever a test wants, and the folders in which programs keep what it signs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Signed:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Ca:
    """A root and an intermediate."""

    def __init__(self, name: str = "Test") -> None:
        self.root = sign(f"{name} Root", None, days=0)
        self.issuer = sign(f"{name} Intermediate", self.root, days=0)
        self.chain = self.issuer.pem

    def leaf(self, *names: str, days: int = 90, **more: Any) -> Signed:
        return sign(names[0], self.issuer, names=names, days=days, **more)


def sign(
    common_name: str,
    issuer: Signed | None,
    *,
    names: tuple[str, ...] = (),
    days: int = 90,
    key: ec.EllipticCurvePrivateKey | None = None,
    aia: str = "",
    names_key: bool = True,
) -> Signed:
    """Without `days` a CA; without an issuer it signs itself; `aia`: where its issuer's is,
    one address or several with blanks between them.

    `names_key`: whether it says which key has signed it.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    signer = issuer.key if issuer else key
    end = NOW + dt.timedelta(days=days or 3650)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - dt.timedelta(days=90 if days else 3700))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=not days, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names_key:
        builder = builder.add_extension(identifier, critical=False)
    if names:
        sans = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(sans, critical=False)
    if aia:
        access = [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(uri)
            )
            for uri in aia.split()
        ]
        builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
    return Signed(builder.sign(signer, hashes.SHA256()), key)


def certbot(top: Path, ca: Ca, count: int, versions: int = 1) -> Path:
    """As Certbot leaves it: `live` is links to the last version in `archive`."""
    for number in range(count):
        name = f"site{number:06d}.example.com"
        archive, live = top / "archive" / name, top / "live" / name
        archive.mkdir(parents=True)
        live.mkdir(parents=True)
        for version in range(1, versions + 1):
            leaf = ca.leaf(name, days=1 + number % 89 + version)
            for kind, content in files(ca, leaf):
                (archive / f"{kind}{version}.pem").write_bytes(content)
        for kind in ("cert", "chain", "fullchain", "privkey"):
            (live / f"{kind}.pem").symlink_to(f"../../archive/{name}/{kind}{versions}.pem")
    (top / "live").mkdir(exist_ok=True)
    (top / "live" / "README").write_text("of Certbot\n")
    return top


def files(ca: Ca, leaf: Signed) -> Iterator[tuple[str, bytes]]:
    yield "cert", leaf.pem
    yield "chain", ca.chain
    yield "fullchain", leaf.pem + ca.chain
    yield "privkey", leaf.key_pem
