"""The stylesheet and the icon: read once, served from memory, cached for a year."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=UTF-8", ".svg": "image/svg+xml"}
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class File:
    body: bytes
    content_type: str
    version: str  # a hash of the body: it stands in the address


def files() -> dict[str, File]:
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if kind := TYPES.get(path.suffix):
            body = path.read_bytes()
            found[path.name] = File(body, kind, hashlib.sha256(body).hexdigest()[:12])
    return found


def view(request: Request) -> Response:
    file = request.registry.static_files.get(request.matchdict["name"])
    if file is None:
        raise HTTPNotFound
    answer = Response(body=file.body)
    answer.headers["Content-Type"] = file.content_type
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
