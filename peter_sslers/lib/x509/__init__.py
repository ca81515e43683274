"""Keys, CSRs and certificates. Callers hold a Backend; they never know which one.

Read: `types` is what comes out, `backend` what can be asked. `pem` and `der` are the text and the
bytes; `certificates`, `signing_requests`, `private_keys` and `chains` stand on them and are the same
for everybody; `common` joins them. `python` and `openssl` add the cryptography.
"""

from .backend import AccountKey, Backend, choose
from .bundles import Format, certificates_in, detect
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
]
