"""The query strings with which an object's page leads to the search page."""

from __future__ import annotations

from urllib.parse import urlencode

from .meta import WithId


def search_query(kind: str, value: str, source: str, *objects: WithId) -> str:
    """`type=spki&spki=AB…&source=private_key&private_key.id=7`, every value escaped.

    `source` also names the id of the first of the objects; the others go by their tables.
    """
    named = {"certificate_signed": "certificate"}
    ids = {f"{named.get(o.__tablename__, o.__tablename__)}.id": str(o.id) for o in objects}
    return urlencode({"type": kind, kind: value, "source": source, **ids})


def pem_sample(pem: str | None) -> str:
    """The first and the last five characters of a PEM's content: enough to tell keys apart."""
    lines = (pem or "").strip().split("\n")
    return f"{lines[1][:5]}...{lines[-2][-5:]}" if len(lines) > 2 else ""
