"""Certificates that nobody would sign: a value exchanged, the signature as it was."""

from __future__ import annotations

from peter_sslers.lib.x509 import der
from peter_sslers.lib.x509.pem import der_to_pem, pem_to_der


def with_serial(pem: str, serial: int) -> str:
    data = pem_to_der(pem)
    body, *signed = der.whole(data)
    version, _, *others = (der.encoded(data, part) for part in der.members(data, body))
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
    body_der = der.write(der.SEQUENCE, version, der.write(der.INTEGER, number), *others)
    return der_to_pem(
        der.write(der.SEQUENCE, body_der, *(der.encoded(data, part) for part in signed))
    )
