"""The suffixes of the files that we hand out, each with its Content-Type."""

PEM = {"pem": "application/x-pem-file", "pem.txt": "text/plain"}
KEY = {**PEM, "key": "application/pkcs8"}
CSR = {**PEM, "csr": "application/pkcs10"}
CA = {
    **PEM,
    "cer": "application/pkix-cert",
    "crt": "application/x-x509-ca-cert",
    "der": "application/x-x509-ca-cert",
}
CERTIFICATE = {
    **PEM,
    "cer": "application/pkix-cert",
    "crt": "application/x-x509-server-cert",
    "der": "application/x-x509-server-cert",
}
