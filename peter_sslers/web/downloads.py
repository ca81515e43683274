"""Files: `cert.pem`, `chain.pem.txt`, `key.key` of an object."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from ..errors import NotFound
from .pages import found
from .resource import Download, Resource


def download_page(resource: Resource, download: Download, request: Request) -> Response:
    """`/private-key/7/key.pem`"""
    suffix = request.matchdict["format"]
    obj = found(request, resource)
    body = download.body(request.ctx, obj, suffix)
    if body is None:
        raise NotFound(f"{resource.title_of(obj)} has no {download.name}.{suffix}.")
    answer = Response(body=body)
    answer.headers["Content-Type"] = download.formats[suffix]
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if download.secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer
