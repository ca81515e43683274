"""What both backends do alike: all formats. Only four questions of cryptography differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ...enums import KeyTechnology
from . import bundles, certificates, chains, der, pem, private_keys, public_keys, signatures
from . import signing_requests as requests
from .private_keys import Ec, Key
from .types import Certificate, CertificateRequest, InvalidKey, InvalidRequest, PrivateKey

RSA_SIZES = (2048, 3072, 4096)
EC_SIZES = {curve.size: curve for curve in public_keys.CURVES}
_JWS = {256: ("ES256", "sha256"), 384: ("ES384", "sha384")}  # RFC 7518 section 3.4


@dataclass(frozen=True)
class SigningKey:
    """An AccountKey (backend.py)."""

    alg: str
    public: dict[str, str]
    _sign: Callable[[bytes], bytes] = field(repr=False)

    def jwk(self) -> dict[str, str]:
        return dict(self.public)

    def sign(self, data: bytes) -> bytes:
        return self._sign(data)


class CommonBackend(ABC):
    """The Backend protocol, on four primitives. Keys go to them as PKCS#8 DER, never encrypted."""

    name: str

    @abstractmethod
    def _public_key(self, pkcs8: bytes) -> bytes:
        """The SubjectPublicKeyInfo of an EC key whose secret fits its point; else InvalidKey."""

    @abstractmethod
    def _signer(self, pkcs8: bytes, hash_name: str) -> Callable[[bytes], bytes]:
        """What signs data with the key: RSASSA-PKCS1-v1_5, or ECDSA in DER."""

    @abstractmethod
    def _verify(self, spki: bytes, signature: bytes, data: bytes, hash_name: str) -> bool:
        """Whether the signature fits. `spki` has passed public_keys.check."""

    @abstractmethod
    def _generate(self, technology: KeyTechnology, size: int) -> bytes:
        """A new key, PKCS#8 DER."""

    def certificate(self, pem: str) -> Certificate:
        return certificates.from_pem(pem)

    def certificate_from_der(self, der: bytes) -> Certificate:
        return certificates.from_der(der)

    def csr(self, pem: str) -> CertificateRequest:
        data = requests.der_of(pem)
        try:
            cut = requests.parts(data)
            found = requests.request(data, cut)
            technology, hash_name = signatures.read(cut.algorithm)
        except der.DerError as exc:
            raise InvalidRequest(f"not a CSR that can be used: {exc}") from None
        good = found.key_technology is technology and self._verify(
            cut.spki, cut.signature, cut.info, hash_name
        )
        if not good:
            raise InvalidRequest("the signature of the CSR is not good")
        return found

    def key(self, pem: str) -> PrivateKey:
        text, key = private_keys.from_pem(pem)
        spki = self._checked(key)
        return PrivateKey(
            pem=text,
            key_technology=key.technology,
            size=key.size,
            spki_sha256=sha256(spki).hexdigest().upper(),
            modulus_md5=None if isinstance(key, Ec) else public_keys.modulus_md5(key.numbers[0]),
        )

    def key_der(self, pem: str) -> bytes:
        return self._complete(private_keys.from_pem(pem)[1])[0].pkcs8()

    def new_key(self, technology: KeyTechnology, size: int = 0) -> str:
        sizes = RSA_SIZES if technology is KeyTechnology.RSA else tuple(EC_SIZES)
        size = size or sizes[-1]
        if size not in sizes:
            known = ", ".join(map(str, sizes))
            raise InvalidKey(f"{technology} keys of {size} bits are not made here; {known} are")
        return pem.der_to_pem(self._generate(technology, size), "PRIVATE KEY")

    def key_from_jwk(self, jwk: dict[str, str]) -> str:
        key = private_keys.from_jwk(jwk)
        self._checked(key)
        return pem.der_to_pem(key.pkcs8(), "PRIVATE KEY")

    def new_csr(self, names: Sequence[str], key_pem: str) -> str:
        key, spki = self._complete(private_keys.from_pem(key_pem)[1])
        info = requests.write_info(names, spki)
        signature = self._signer(key.pkcs8(), "sha256")(info)
        return requests.write(info, signatures.with_sha256(key.technology), signature)

    def account_key(self, pem: str) -> SigningKey:
        key, _ = self._complete(private_keys.from_pem(pem)[1])
        pkcs8 = key.pkcs8()
        if isinstance(key, Ec):
            return self._ec_account_key(key, pkcs8)
        n, e = (_number(number) for number in key.numbers[:2])
        return SigningKey("RS256", {"e": e, "kty": "RSA", "n": n}, self._signer(pkcs8, "sha256"))

    def _ec_account_key(self, key: Ec, pkcs8: bytes) -> SigningKey:
        alg, hash_name = _JWS[key.size]
        octets = key.curve.octets
        sign = self._signer(pkcs8, hash_name)
        x, y = (pem.b64url(part) for part in (key.point[1 : 1 + octets], key.point[1 + octets :]))
        return SigningKey(
            alg,
            {"crv": key.curve.jwk, "kty": "EC", "x": x, "y": y},
            lambda data: signatures.to_jws(sign(data), octets),
        )

    def pkcs7_certificates(self, der: bytes) -> list[str]:
        return bundles.pkcs7(der)

    def check_chain(self, chain: Sequence[Certificate]) -> None:
        chains.check_order(chain, self._verify)

    def check_to_root(self, leaf: str, chain: Sequence[str], root: str) -> None:
        chains.check_to_root(leaf, chain, root, self._verify)

    def _checked(self, key: Key) -> bytes:
        """Its SubjectPublicKeyInfo; InvalidKey where the secret is not that of the public key.

        RSA primes are not tested as such: that takes 0.3 s at 4096 bits. A key whose numbers
        belong together and which signs what its public half verifies is one that works.
        """
        key, spki = self._complete(key)
        if isinstance(key, Ec):
            return spki
        signature = self._signer(key.pkcs8(), "sha256")(spki)
        if not self._verify(spki, signature, spki, "sha256"):
            raise InvalidKey(private_keys.DAMAGED)
        return spki

    def _complete(self, key: Key) -> tuple[Key, bytes]:
        """The key with its public point, and its SubjectPublicKeyInfo."""
        if not isinstance(key, Ec):
            return key, public_keys.write_rsa(*key.numbers[:2])
        spki = self._public_key(key.pkcs8())
        if key.point and spki == public_keys.write_ec(key.curve, key.point):
            return key, spki
        return Ec(key.curve, key.secret, public_keys.check(spki).point), spki


def _number(value: int) -> str:
    """Base64urlUInt, RFC 7518 section 2."""
    return pem.b64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
