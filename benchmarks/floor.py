"""The fewest requests an ACME client can make: the reference of benchmarks/issuance.py.

RFC 8555 without a database, an admin, a log, or any care for what goes wrong.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import threading
import time
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

POLL_S = 0.02


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Responder:
    """Answers http-01 from a dict."""

    def __init__(self, port: int) -> None:
        self.tokens: dict[str, str] = {}
        tokens = self.tokens

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = tokens.get(self.path.rpartition("/")[2], "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Floor:
    """One account at one ACME server, one nonce, no retries but badNonce's."""

    def __init__(self, directory_url: str, ca_bundle: str, responder: Responder) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = ca_bundle
        self.responder = responder
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (b64(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        self.jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        canonical = json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()
        self.thumbprint = b64(hashlib.sha256(canonical).digest())
        self.kid = self.nonce = ""
        self.directory = self._ask("GET", directory_url).json()
        new = {"termsOfServiceAgreed": True}
        self.kid = self.post(self.directory["newAccount"], new).headers["Location"]

    def _ask(self, method: str, url: str, **more: Any) -> requests.Response:
        answer = self.http.request(method, url, timeout=30, **more)
        self.nonce = answer.headers.get("Replay-Nonce", "") or self.nonce
        return answer

    def post(self, url: str, payload: Any = None) -> requests.Response:
        for _ in range(20):
            if not self.nonce:
                self._ask("HEAD", self.directory["newNonce"])
            who: dict[str, Any] = {"kid": self.kid} if self.kid else {"jwk": self.jwk}
            head = {"alg": "ES256", "url": url, "nonce": self.nonce, **who}
            self.nonce = ""
            protected = b64(json.dumps(head).encode())
            body = "" if payload is None else b64(json.dumps(payload).encode())
            r, s = decode_dss_signature(
                self.key.sign(f"{protected}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
            )
            signature = b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
            signed = {"protected": protected, "payload": body, "signature": signature}
            headers = {"Content-Type": "application/jose+json"}
            answer = self._ask("POST", url, data=json.dumps(signed), headers=headers)
            if answer.status_code < 400:
                return answer
            if "badNonce" not in answer.text:
                raise RuntimeError(answer.text)
        raise RuntimeError("no nonce was good")

    def obtain(self, names: list[str]) -> str:
        """A certificate for the names: its fullchain PEM. 2N + 5 requests against Pebble."""
        identifiers = [{"type": "dns", "value": n} for n in names]
        answer = self.post(self.directory["newOrder"], {"identifiers": identifiers})
        url, order = answer.headers["Location"], answer.json()
        for authorization_url in order["authorizations"]:
            authorization = self.post(authorization_url).json()
            challenge = next(c for c in authorization["challenges"] if c["type"] == "http-01")
            token = challenge["token"]
            self.responder.tokens[token] = f"{token}.{self.thumbprint}"
            self.post(challenge["url"], {})
        while order["status"] == "pending":
            order = self.post(url).json()
            if order["status"] == "pending":
                time.sleep(POLL_S)
        order = self.post(order["finalize"], {"csr": csr(names)}).json()
        while order["status"] != "valid":  # Pebble never is so quick: it would cost a request
            time.sleep(POLL_S)
            order = self.post(url).json()
        return self.post(order["certificate"]).text


def csr(names: list[str]) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    sans = x509.SubjectAlternativeName([x509.DNSName(n) for n in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = builder.add_extension(sans, critical=False).sign(key, hashes.SHA256())
    return b64(signed.public_bytes(Encoding.DER))
