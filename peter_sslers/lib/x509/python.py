"""The backend over pyca/cryptography."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ...enums import KeyTechnology
from .common import CommonBackend
from .private_keys import DAMAGED
from .types import InvalidKey

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA = {name: ec.ECDSA(algorithm) for name, algorithm in _HASHES.items()}
_CURVES: dict[int, ec.EllipticCurve] = {256: ec.SECP256R1(), 384: ec.SECP384R1()}
_SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
_PKCS8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8)


class PythonBackend(CommonBackend):
    name = "cryptography"

    def _public_key(self, pkcs8: bytes) -> bytes:
        try:
            key = serialization.load_der_private_key(pkcs8, None)
        except (ValueError, UnsupportedAlgorithm):
            raise InvalidKey(DAMAGED) from None
        return key.public_key().public_bytes(*_SPKI)

    def _signer(self, pkcs8: bytes, hash_name: str) -> Callable[[bytes], bytes]:
        # Testing the primes takes longer than to sign; CommonBackend._checked says why not.
        key = serialization.load_der_private_key(pkcs8, None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, rsa.RSAPrivateKey):
            return partial(_sign_rsa, key, _HASHES[hash_name])
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return partial(_sign_ec, key, _ECDSA[hash_name])
        raise InvalidKey(DAMAGED)

    def _verify(self, spki: bytes, signature: bytes, data: bytes, hash_name: str) -> bool:
        try:
            key = _public(spki)
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), _HASHES[hash_name])
                return True
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, _ECDSA[hash_name])
                return True
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            pass
        return False

    def _generate(self, technology: KeyTechnology, size: int) -> bytes:
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if technology is KeyTechnology.RSA:
            key = rsa.generate_private_key(65537, size)
        else:
            key = ec.generate_private_key(_CURVES[size])
        return key.private_bytes(*_PKCS8, serialization.NoEncryption())


_public = lru_cache(maxsize=64)(serialization.load_der_public_key)  # of issuers, who are few


def _sign_rsa(key: rsa.RSAPrivateKey, algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    return key.sign(data, padding.PKCS1v15(), algorithm)


def _sign_ec(key: ec.EllipticCurvePrivateKey, algorithm: ec.ECDSA, data: bytes) -> bytes:
    return key.sign(data, algorithm)
