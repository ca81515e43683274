"""Handing out: what edge servers fetch of a name or a certificate, as JSON, ZIP or single files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import Connection

from ...errors import NotFound
from ...lib.store import configs
from ...lib.store.ids import as_id
from ...lib.x509.pem import pem_to_der, split_pems
from .. import content_types

SHORTEST_FINGERPRINT = 40  # digits of a SHA-1; no id is that long
DOMAIN = "/domain/{id:[^/]+}/config.json"
CERTIFICATE = r"/certificate-signed/{id:\d+}"
VIA = CERTIFICATE + "/via-certificate-ca-chain/{id_cachain:[0-9A-Fa-f:]+}"


def hot_routes(config: Configurator) -> None:
    """Web servers ask these at every handshake that they have no answer for: first in the table."""
    _add(config, DOMAIN, domain_config)
    _add(config, f"{CERTIFICATE}/config.json", certificate_config)
    # The spelling of older documents.
    _add(config, r"/certificate/{id:\d+}/config.json", certificate_config)


def includeme(config: Configurator) -> None:
    _add(config, f"{CERTIFICATE}/config.zip", certificate_zip)
    _add(config, f"{VIA}/config.json", certificate_config)
    _add(config, f"{VIA}/config.zip", certificate_zip)
    _add(config, VIA + r"/chain.{format:(?:pem\.txt|pem|cer|crt|der)}", chain_file)
    _add(config, VIA + r"/fullchain.{format:(?:pem\.txt|pem)}", fullchain_file)


def _add(config: Configurator, path: str, view: Any) -> None:
    config.add_route(path, path)
    config.add_view(view, route_name=path)


def domain_config(request: Request) -> Response:
    """`/domain/{id or name}/config.json`; `?openresty=1` comes from an edge server.

    What that server did not find in Redis is put there, too; the answer does not depend on it.
    """
    ident, params = request.matchdict["id"], request.GET
    for_edge = bool(params.get("openresty"))
    find = configs.of_name if for_edge else configs.of_domain
    with request.database.single_read() as connection:
        found = find(connection, ident)
    if found is None:
        raise NotFound("the domain was not found")
    if for_edge and request.edge:
        request.edge.asked_for(found.id)
    return _json(found, params)


def certificate_config(request: Request) -> Response:
    """`/certificate-signed/{id}[/via-certificate-ca-chain/{id}]/config.json`"""
    return _json(found_config(request), request.GET)


def certificate_zip(request: Request) -> Response:
    """The same as files, for servers that are configured by hand."""
    found = found_config(request)
    name = f"cert{found.certificate.id}"
    if "id_cachain" in request.matchdict and found.chain:
        name += f"-chain{found.chain.id}"
    answer = file_answer(zipped(found, request.ctx.now), "application/zip")
    # Clients have always seen this blank.
    answer.headers["Content-Disposition"] = f"attachment; filename= {name}.zip"
    return answer


def chain_file(request: Request) -> Response:
    suffix = request.matchdict["format"]
    chain = found_config(request).chain
    body = chain_bytes(chain.pem if chain else "", suffix)
    return file_answer(body, content_types.CA[suffix])


def fullchain_file(request: Request) -> Response:
    body = found_config(request).fullchain_pem.encode()
    return file_answer(body, content_types.PEM[request.matchdict["format"]])


def found_config(request: Request) -> configs.Config:
    """The certificate that the path names, with the chain that it names. Raises NotFound.

    A chain is named by its id, or by the fingerprint of a CA in it.
    """
    number, chain = as_id(request.matchdict["id"]), request.matchdict.get("id_cachain")
    with request.database.single_read() as connection:
        found = (
            configs.of_certificate(connection, number)
            if chain is None
            else configs.of_certificate_with_chain(
                connection, number, _chain_id(connection, number, chain)
            )
        )
        if found is not None:
            return found
        known = chain and configs.of_certificate(connection, number)
    if chain and known:
        raise NotFound(
            f"CertificateCAChain {chain[:80]} is none of CertificateSigned {number}'s chains"
        )
    raise NotFound("the certificate was not found")


def _chain_id(connection: Connection, certificate_id: int | None, ident: str) -> int | None:
    if ident.isdigit() and len(ident) < SHORTEST_FINGERPRINT:
        return as_id(ident)
    return configs.chain_by_fingerprint(connection, certificate_id, ident)


def chain_bytes(pem: str, suffix: str) -> bytes:
    """A chain as PEM, or its first certificate as DER: that format holds but one."""
    return pem.encode() if suffix in content_types.PEM else pem_to_der(split_pems(pem)[0])


def zipped(config: configs.Config, now: datetime) -> bytes:
    """`cert7.pem chain7.pem fullchain7.pem privkey7.pem`"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pem in _members(config):
            member = zipfile.ZipInfo(name, now.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            # Unpacked as it should lie on a server: the key for its owner alone.
            member.external_attr = (0o600 if name.startswith("privkey") else 0o644) << 16
            archive.writestr(member, pem)
    return buffer.getvalue()


def _members(config: configs.Config) -> Iterator[tuple[str, str]]:
    number = config.certificate.id
    yield f"cert{number}.pem", config.certificate.pem
    if config.chain:
        yield f"chain{number}.pem", config.chain.pem
    yield f"fullchain{number}.pem", config.fullchain_pem
    yield f"privkey{number}.pem", config.private_key.pem


def _json(found: configs.Config | configs.DomainConfig, params: Any) -> Response:
    """`?idonly=1`, or `?id_only=1`: some clients were told the one, some the other."""
    ids_only = params.get("idonly") or params.get("id_only")
    document = found.ids_as_json() if ids_only else found.as_json()
    return file_answer(json.dumps(document).encode(), "application/json")


def file_answer(body: bytes, content_type: str) -> Response:
    return Response(
        headerlist=[
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
        app_iter=[body],
    )
