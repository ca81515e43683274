"""Certificates, CAs and chains that an operator has, brought in by a form each."""

from __future__ import annotations

from typing import Any

from ...lib.actions import ca_uploads, imports
from ...lib.context import Context
from ...lib.estates import Triplet
from ..resource import Action, Docs, Done, Url
from ..schemas import File, Form, Text

MAX_DISPLAY_NAME = 255


class DisplayName(Text):
    max_length = MAX_DISPLAY_NAME


class UploadCertificate(Form):
    private_key_file_pem = File("the private key, unencrypted, as PEM", label="Private key")
    chain_file = File(
        "the chain, the certificate that has signed yours first: PEM, DER or PKCS#7; without one, "
        "or if it does not fit, the known CAs are tried",
        label="Chain",
        required=False,
    )
    certificate_file = File(
        "the certificate: PEM, DER or PKCS#7; its chain may stand behind it", label="Certificate"
    )


def upload(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    brought = Triplet(
        "upload",
        values["certificate_file"],
        values["private_key_file_pem"],
        values["chain_file"] or b"",
    )
    done = imports.upload(ctx, brought)
    stored = done.stored
    path = f"/certificate-signed/{stored.certificate}"
    json: dict[str, Any] = {
        "CertificateSigned": {
            "created": stored.certificate_is_new,
            "id": stored.certificate,
            "url": Url(path),
        },
        "CertificateCAChain": {"created": stored.chain_is_new, "id": stored.chain},
        "PrivateKey": {"created": stored.key_is_new, "id": stored.key},
    }
    if done.note:
        json["notes"] = [done.note]
    return Done(json, to=path, query="")


UPLOAD = Action(
    "upload",
    "Upload certificate",
    "Store a certificate that you have, with its key and its chain; a known one is found again.",
    run=upload,
    schema=UploadCertificate,
    docs=Docs(
        examples=(
            "curl --form 'private_key_file_pem=@privkey1.pem' --form 'chain_file=@chain1.pem'"
            " --form 'certificate_file=@cert1.pem' {ADMIN}/certificate-signed/upload.json",
        ),
        notes=(
            "The key must be the certificate's, and the chain must sign it.",
            "A certificate whose key is marked compromised is stored, but is not active.",
            "Many at once: {ADMIN}/certificate-signed/upload-bulk.json, or the command"
            " `peter_sslers_import`.",
        ),
    ),
)


class UploadCa(Form):
    cert_file = File("the certificate of the CA: PEM, DER or PKCS#7", label="CA certificate")
    cert_file_name = DisplayName("how it is shown in lists", label="Name", required=False)


def upload_ca(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    ca, is_new = ca_uploads.upload_ca(ctx, values["cert_file"], values["cert_file_name"] or "")
    json = {"CertificateCA": {"created": is_new, "id": ca.id}}
    return Done(json, to=f"/certificate-ca/{ca.id}", query="result=success")


UPLOAD_CA = Action(
    "upload-cert",
    "Upload CA certificate",
    "Store the certificate of a CA, a root or an intermediate; a known one is found again.",
    run=upload_ca,
    schema=UploadCa,
    docs=Docs(
        examples=(
            "curl --form 'cert_file=@isrgrootx1.pem' --form 'cert_file_name=ISRG Root X1'"
            " {ADMIN}/certificate-ca/upload-cert.json",
        ),
    ),
)


class UploadChain(Form):
    chain_file = File(
        "one or more certificates of CAs, each signed by the next: PEM, DER or PKCS#7",
        label="Chain",
    )
    chain_file_name = DisplayName("how it is shown in lists", label="Name", required=False)


def upload_chain(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    name = values["chain_file_name"] or ""
    chain, is_new = ca_uploads.upload_chain(ctx, values["chain_file"], name)
    json = {"CertificateCAChain": {"created": is_new, "id": chain.id}}
    return Done(json, to=f"/certificate-ca-chain/{chain.id}", query="result=success")


UPLOAD_CHAIN = Action(
    "upload-chain",
    "Upload chain",
    "Store a chain of CAs; a known one is found again.",
    run=upload_chain,
    schema=UploadChain,
    docs=Docs(
        examples=(
            "curl --form 'chain_file=@chain1.pem' {ADMIN}/certificate-ca-chain/upload-chain.json",
        ),
    ),
)
