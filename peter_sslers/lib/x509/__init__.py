"""Keys, CSRs and certificates. Callers hold a Backend; they never know which one.

Read: `types` is what comes out, `backend` what can be asked. `pem` and `der` are the text and the
bytes; `certificates`, `signing_requests`, `private_keys` and `chains` stand on them; `common` joins
them to all of a backend but its cryptography, which `python` and `openssl` add.
"""

from .backend import AccountKey, Backend, choose
from .bundles import Format, certificates_in, detect
from .bundles import read as read_certificates
from .types import (
    Certificate,
    CertificateRequest,
    InvalidCertificate,
    InvalidChain,
    InvalidKey,
    InvalidRequest,
    OpenSslError,
    PrivateKey,
    X509Error,
)

__all__ = [
    "AccountKey",
    "Backend",
    "Certificate",
    "CertificateRequest",
    "Format",
    "InvalidCertificate",
    "InvalidChain",
    "InvalidKey",
    "InvalidRequest",
    "OpenSslError",
    "PrivateKey",
    "X509Error",
    "certificates_in",
    "choose",
    "detect",
    "read_certificates",
]
