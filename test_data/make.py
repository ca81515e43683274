"""Writes the files of this folder: `python test_data/make.py`.

Names are fixed, contents are new on each run. README.md says what each is for.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

sys.path.insert(0, str(Path(__file__).parent.parent))
from peter_sslers.lib.x509 import der
from peter_sslers.lib.x509.pem import b64url, der_to_pem, pem_to_der

BITS_1024, BITS_2048 = "rsa_keygen_bits:1024", "rsa_keygen_bits:2048"
KOBLITZ = "ec_paramgen_curve:secp256k1"
HERE = Path(__file__).parent
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Name = x509.Name | str
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, OLD = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
PLAIN = serialization.NoEncryption()
SECRET = serialization.BestAvailableEncryption(b"secret")
SHA256_RSA, SHA1_RSA = (der.write_oid(f"1.2.840.113549.1.1.{n}") for n in (11, 5))


def write(path: str, data: bytes | str) -> None:
    target = HERE / path
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(data.encode() if isinstance(data, str) else data)


def pem(of: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return of.public_bytes(PEM).decode()


def name(of: Name) -> x509.Name:
    if isinstance(of, x509.Name):
        return of
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, of)] if of else [])


def san(names: Sequence[str]) -> x509.SubjectAlternativeName:
    found: list[x509.GeneralName] = []
    for text in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            found.append(x509.DNSName(text))
    return x509.SubjectAlternativeName(found)


@dataclass
class Issued:
    """What a certificate is to be; `issuer` None makes it self-signed."""

    subject: Name
    key: Key
    names: Sequence[str] = ()
    issuer: Issued | None = None
    ca: bool = False
    start: datetime = START
    end: datetime = END
    aki: bool = True
    uris: Sequence[str] = ()
    serial: int = 0

    def certificate(self) -> x509.Certificate:
        by = self.issuer or self
        public = self.key.public_key()
        builder = x509.CertificateBuilder(
            name(by.subject), name(self.subject), public, self.serial or x509.random_serial_number()
        )
        builder = builder.not_valid_before(self.start).not_valid_after(self.end)
        builder = builder.add_extension(x509.BasicConstraints(self.ca, None), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(identifier, critical=False)
        if self.aki:
            authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
            builder = builder.add_extension(authority, critical=False)
        if self.names:
            builder = builder.add_extension(san(self.names), critical=False)
        if self.uris:
            builder = builder.add_extension(access(self.uris), critical=False)
        hash_ = None if isinstance(by.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return builder.sign(by.key, hash_)


def access(uris: Sequence[str]) -> x509.AuthorityInformationAccess:
    ocsp = AuthorityInformationAccessOID.OCSP
    found = [x509.AccessDescription(ocsp, x509.UniformResourceIdentifier("http://ocsp.test/"))]
    for uri in uris:
        address = x509.UniformResourceIdentifier(uri)
        found.append(x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, address))
    return x509.AuthorityInformationAccess(found)


def altered(pem_text: str, old: bytes, new: bytes, key: rsa.RSAPrivateKey) -> str:
    """The same with `old` for `new` (of one length) and signed again, with an RSA key."""
    data = pem_to_der(pem_text)
    assert len(old) == len(new)
    assert old in data, old
    data = data.replace(old, new)
    outer = der.whole(data)
    body = der.encoded(data, outer[0])
    algorithm = der.encoded(data, outer[1])
    hash_ = hashes.SHA1() if SHA1_RSA in algorithm else hashes.SHA256()
    signature = key.sign(body, padding.PKCS1v15(), hash_)
    label = pem_text.partition("-----BEGIN ")[2].partition("-----")[0]
    return der_to_pem(der.write(der.SEQUENCE, body, algorithm, der.write_bits(signature)), label)


def with_bad_signature(pem_text: str) -> str:
    data = bytearray(pem_to_der(pem_text))
    data[-1] ^= 1
    return der_to_pem(bytes(data), pem_text.partition("-----BEGIN ")[2].partition("-----")[0])


def make_keys() -> dict[str, Key]:
    keys: dict[str, Key] = {
        f"rsa{n}": rsa.generate_private_key(65537, n) for n in (2048, 3072, 4096)
    }
    keys |= {"ec256": ec.generate_private_key(ec.SECP256R1())}
    keys |= {"ec384": ec.generate_private_key(ec.SECP384R1())}
    keys |= {"ec521": ec.generate_private_key(ec.SECP521R1())}
    keys |= {"ed25519": ed25519.Ed25519PrivateKey.generate()}
    for label, key in keys.items():
        write(f"keys/{label}.pem", key.private_bytes(PEM, PKCS8, PLAIN))
        if label in ("rsa2048", "ec256", "ec384"):
            write(f"keys/{label}_traditional.pem", key.private_bytes(PEM, OLD, PLAIN))
    write("keys/rsa2048.der", keys["rsa2048"].private_bytes(DER, PKCS8, PLAIN))
    write("keys/encrypted_pkcs8.pem", keys["rsa2048"].private_bytes(PEM, PKCS8, SECRET))
    write("keys/encrypted_traditional.pem", keys["rsa2048"].private_bytes(PEM, OLD, SECRET))
    write("keys/encrypted_ec.pem", keys["ec256"].private_bytes(PEM, OLD, SECRET))
    dsa_key = dsa.generate_private_key(2048)
    write("keys/dsa2048.pem", dsa_key.private_bytes(PEM, PKCS8, PLAIN))
    make_odd_keys(keys)
    return keys


def openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout


def make_odd_keys(keys: dict[str, Key]) -> None:
    write("keys/rsa1024.pem", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", BITS_1024))
    write("keys/rsa_pss.pem", openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", BITS_2048))
    write("keys/secp256k1.pem", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", KOBLITZ))
    write("keys/ec256_parameters.pem", openssl("ecparam", "-name", "prime256v1", "-genkey"))
    text = (HERE / "keys/rsa2048.pem").read_text()
    write("keys/crlf.pem", text.replace("\n", "\r\n"))
    write("keys/bom.pem", "\ufeff" + text)
    write("keys/garbage_around.pem", f"Bag Attributes\n  x: y\n{text}\nthat was it\n")
    write("keys/truncated.pem", "\n".join(text.split("\n")[:10]) + "\n-----END PRIVATE KEY-----\n")
    write("keys/no_end.pem", "\n".join(text.split("\n")[:10]) + "\n")
    rsa_der = bytearray(pem_to_der(text))
    rsa_der[-3] ^= 1
    write("keys/rsa_damaged.pem", der_to_pem(bytes(rsa_der), "PRIVATE KEY"))
    ec_der = pem_to_der((HERE / "keys/ec256.pem").read_text())
    point, other = (
        key.public_key().public_bytes(*POINT)
        for key in (keys["ec256"], ec.generate_private_key(ec.SECP256R1()))
    )
    for label, new in (("ec_mismatch", other), ("ec_off_curve", b"\4" + bytes(64))):
        write(f"keys/{label}.pem", der_to_pem(ec_der.replace(point, new), "PRIVATE KEY"))
    make_jwks(keys)


def make_jwks(keys: dict[str, Key]) -> None:
    def number(value: int, size: int = 0) -> str:
        return b64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))

    key = keys["rsa2048"]
    assert isinstance(key, rsa.RSAPrivateKey)
    private = key.private_numbers()
    public = private.public_numbers
    numbers = {"n": public.n, "e": public.e, "d": private.d, "p": private.p, "q": private.q}
    numbers |= {"dp": private.dmp1, "dq": private.dmq1, "qi": private.iqmp}
    jwk = {name: number(value) for name, value in numbers.items()} | {"kty": "RSA"}
    write("keys/private_key.json", json.dumps(jwk) + "\n")
    ec_key = keys["ec256"]
    assert isinstance(ec_key, ec.EllipticCurvePrivateKey)
    secret = ec_key.private_numbers()
    point = secret.public_numbers
    jwk = {"kty": "EC", "crv": "P-256", "d": number(secret.private_value, 32)}
    jwk |= {"x": number(point.x, 32), "y": number(point.y, 32)}
    write("keys/private_key_ec.json", json.dumps(jwk) + "\n")


def make_certificates(keys: dict[str, Key], by: Issued) -> None:
    key = keys["rsa2048"]
    plain = {label: Issued("", of, [f"{label}.example.com"], by) for label, of in keys.items()}
    wanted = plain | {
        "wildcard": Issued("*.example.com", key, ["*.example.com", "example.com"], by),
        "ip_addresses": Issued("", key, ["192.0.2.1", "2001:db8::1", "example.com"], by),
        "idn": Issued("", key, ["xn--bcher-kva.example.com"], by),
        "hundred_names": Issued("", keys["ec256"], [f"n{n}.example.com" for n in range(100)], by),
        "upper_case": Issued("WWW.Example.COM", key, ["EXAMPLE.com", "b.example.com"], by),
        "common_name_only": Issued("only.example.com", key, [], by),
        "no_aki": Issued("", key, ["example.com"], by, aki=False),
        "several_uris": Issued(
            "", key, ["example.com"], by, uris=("http://one.test/1.der", "http://two.test/2.der")
        ),
        "expired": Issued(
            "", key, ["example.com"], by, end=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
        ),
        "not_yet_valid": Issued(
            "",
            key,
            ["example.com"],
            by,
            start=datetime(2055, 1, 1, tzinfo=UTC),
            end=datetime(2056, 1, 1, tzinfo=UTC),
        ),
        "odd_subject": Issued(odd_subject(), key, ["example.com"], by),
        "multi_valued": Issued(multi_valued(), key, ["example.com"], by),
    }
    for label, issued in wanted.items():
        write(f"certificates/{label}.pem", pem(issued.certificate()))


def odd_subject() -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Thüringen"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, 'A, B/C+D=E \\ "F"'),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "例え 株式会社"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "/CN=evil.example.com"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "1234"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@example.com"),
            x509.NameAttribute(ObjectIdentifier("1.3.6.1.4.1.99999.1"), "unknown"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Odd, Subject"),
        ]
    )


def multi_valued() -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Org")
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Unit")
    common = x509.NameAttribute(NameOID.COMMON_NAME, "example.com")
    return x509.Name(
        [
            x509.RelativeDistinguishedName([organisation, unit]),
            x509.RelativeDistinguishedName([common]),
        ]
    )


def make_odd_certificates(key: rsa.RSAPrivateKey, by: Issued) -> None:
    assert isinstance(by.key, rsa.RSAPrivateKey)
    issued = Issued("line?feed", key, ["nul-example.com"], by, serial=0x7ABBCCDDEE)
    text, signer = pem(issued.certificate()), by.key
    serials = (bytes.fromhex("7abbccddee"), bytes.fromhex("fabbccddee"))
    for label, old, new in (
        ("negative_serial", *serials),
        ("nul_in_san", b"nul-example", b"nul\0example"),
        ("latin1_in_san", b"nul-example", b"nul\xe9example"),
        ("newline_in_subject", b"line?feed", b"line\nfeed"),
        ("extension_twice", bytes.fromhex("0603551d0e"), bytes.fromhex("0603551d23")),
        ("sha1", SHA256_RSA, SHA1_RSA),
        ("version_9", bytes.fromhex("a003020102"), bytes.fromhex("a003020108")),
        ("bad_time", b"250101000000Z", b"251301000000Z"),
    ):
        write(f"certificates/{label}.pem", altered(text, old, new, signer))
    make_odd_files(text, (HERE / "certificates/rsa2048.pem").read_text())


def make_odd_files(other: str, text: str) -> None:
    data = pem_to_der(text)
    lines = text.split("\n")
    for label, content in {
        "crlf": text.replace("\n", "\r\n"),
        "bom": "\ufeff" + text,
        "blanks": text.replace("\n", " \t\n\n"),
        "long_lines": f"{lines[0]}\n{base64.b64encode(data).decode()}\n{lines[-2]}\n",
        "two_in_one": text + other,
        "text_around": f"Certificate:\n  Data: x\n{text}trailing garbage\n",
        "bytes_after_end": der_to_pem(data + b"\0\0"),
        "truncated": der_to_pem(data[:-20]),
        "not_base64": text.replace(lines[3], "!" * 64),
        "no_end": "\n".join(lines[:9]) + "\n",
        "bad_signature": with_bad_signature(text),
        "key_inside": der_to_pem(pem_to_der((HERE / "keys/rsa2048.pem").read_text())),
        "empty": "",
        "no_pem": "This is no certificate.\n",
    }.items():
        write(f"certificates/{label}.pem", content)
    write("certificates/rsa2048.der", data)


def make_chains(keys: dict[str, Key]) -> Issued:
    made = {label: rsa.generate_private_key(65537, 2048) for label in ("root", "intermediate")}
    other = rsa.generate_private_key(65537, 2048)
    root = Issued("Test Root", made["root"], ca=True)
    other_root = Issued("Other Root", other, ca=True)
    intermediate = Issued("Test Intermediate", made["intermediate"], issuer=root, ca=True)
    ec_root = Issued("EC Root", keys["ec521"], ca=True)
    ec_middle = Issued("EC Intermediate", keys["ec384"], issuer=ec_root, ca=True)
    ed_root = Issued("Ed25519 Root", keys["ed25519"], ca=True)
    leaf = Issued("", keys["ec256"], ["example.com"], intermediate)
    wanted = {
        "root": root,
        "other_root": other_root,
        "intermediate": intermediate,
        "intermediate_cross": Issued(
            "Test Intermediate", intermediate.key, (), other_root, ca=True
        ),
        "impostor": Issued("Test Intermediate", other, (), root, ca=True),
        "no_ca": Issued("Test Intermediate", intermediate.key, (), root),
        "leaf": leaf,
        "ec_root": ec_root,
        "ec_intermediate": ec_middle,
        "ec_leaf": Issued("", keys["ec256"], ["example.com"], ec_middle),
        "ed25519_root": ed_root,
        "ed25519_leaf": Issued("", keys["ec256"], ["example.com"], ed_root),
    }
    found = {label: issued.certificate() for label, issued in wanted.items()}
    for label, certificate in found.items():
        write(f"chains/{label}.pem", pem(certificate))
    write("chains/fullchain.pem", pem(found["leaf"]) + "\n" + pem(found["intermediate"]))
    write("chains/leaf_bad_signature.pem", with_bad_signature(pem(found["leaf"])))
    chain = [found["intermediate"], found["root"]]
    write("bundles/chain.p7b", pkcs7.serialize_certificates(chain, DER))
    write("bundles/chain_p7b.pem", pkcs7.serialize_certificates(chain, PEM))
    return intermediate


def make_requests(keys: dict[str, Key]) -> None:
    key = keys["rsa2048"]
    assert isinstance(key, rsa.RSAPrivateKey)
    wanted: dict[str, tuple[Key, Name, Sequence[str]]] = {
        label: (keys[label], "", [f"{label}.example.com"])
        for label in ("rsa2048", "ec256", "ec384", "ec521", "ed25519")
    }
    wanted |= {
        "common_name": (key, "cn.example.com", ["b.example.com", "A.example.com"]),
        "common_name_only": (key, "cn.example.com", []),
        "ip_addresses": (key, "", ["example.com", "192.0.2.1", "2001:db8::1"]),
        "hundred_names": (keys["ec256"], "", [f"n{n}.example.com" for n in range(100)]),
    }
    for label, (of, subject, names) in wanted.items():
        builder = x509.CertificateSigningRequestBuilder(name(subject))
        if names:
            builder = builder.add_extension(san(names), critical=False)
        hash_ = None if isinstance(of, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        write(f"requests/{label}.pem", pem(builder.sign(of, hash_)))
    text = (HERE / "requests/rsa2048.pem").read_text()
    ec_text = (HERE / "requests/ec256.pem").read_text()
    write("requests/new_label.pem", text.replace("CERTIFICATE REQ", "NEW CERTIFICATE REQ"))
    write("requests/bad_signature.pem", with_bad_signature(text))
    write("requests/bad_signature_ec.pem", with_bad_signature(ec_text))
    versions = (bytes.fromhex("0201003000"), bytes.fromhex("0201023000"))
    write("requests/version_2.pem", altered(text, *versions, key))
    write("requests/sha1.pem", altered(text, SHA256_RSA, SHA1_RSA, key))
    write("requests/rsa2048.der", pem_to_der(text))


def main() -> None:
    keys = make_keys()
    intermediate = make_chains(keys)
    make_certificates(keys, intermediate)
    key = keys["rsa2048"]
    assert isinstance(key, rsa.RSAPrivateKey)
    make_odd_certificates(key, intermediate)
    make_requests(keys)


if __name__ == "__main__":
    main()
