"""A server's answer: its JSON, its links, where it says that the new object is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from .documents import Document
from .problems import BadAnswer
from .transport import Raw


@dataclass(frozen=True)
class Response:
    url: str
    raw: Raw
    retry_after_s: float | None = None

    @property
    def status(self) -> int:
        return self.raw.status

    @property
    def content_type(self) -> str:
        """ "" for what is none: errors repeat it, and a header may hold any characters."""
        value: str = self.raw.headers.get("Content-Type", "")
        kind = value.partition(";")[0].strip().lower()
        return kind if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", kind) else ""

    def location(self) -> str | None:
        """The URL of what was made or found: RFC 8555 section 7.3 and 7.4. Not checked yet."""
        value: str | None = self.raw.headers.get("Location")
        return self._joined(value) if value else None

    def links(self, relation: str) -> tuple[str, ...]:
        """The targets of Link headers (RFC 8288) with that `rel`, in order. Not checked yet."""
        found = []
        for header in self.raw.headers.getlist("Link"):
            for target, parameters in re.findall(r"<([^<>]*)>([^<]*)", header):
                rels = re.search(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', parameters, re.I)
                if rels and relation in (rels[1] or rels[2] or "").lower().split():
                    found.append(self._joined(target))
        return tuple(found)

    def _joined(self, target: str) -> str:
        try:
            return urljoin(self.url, target)
        except ValueError:
            return target  # no URL: `Server.own` says so to whoever wants to follow it

    def document(self, own: Callable[[str], str], bare: str = "") -> Document:
        """The JSON object that it has to be. `own` checks the URLs in it. Raises BadAnswer.

        An array is taken for an object with that member under the name of `bare`.
        """
        if not _is_json(self.content_type):
            raise BadAnswer(f"{self.url} sent {self.content_type or 'an unnamed type'}, not JSON")
        data = self._parsed(bare)
        if data is None:
            raise BadAnswer(f"{self.url} sent no JSON object")
        return Document(data, self.url, own, self.retry_after_s)

    def done(self) -> None:
        """Where RFC 8555 says nothing of a body: there is none, or JSON. Raises BadAnswer.

        The page that a network shows to those who are not logged in comes with a 200, too.
        """
        try:
            json.loads(self.raw.body.strip() or b"null")
        except (ValueError, RecursionError) as exc:
            raise BadAnswer(f"{self.url} sent something else than JSON") from exc

    def problem_document(self) -> dict[str, Any]:
        """RFC 7807; empty if the answer carries none, which is what gateways do."""
        return (self._parsed() or {}) if _is_json(self.content_type) else {}

    def _parsed(self, bare: str = "") -> dict[str, Any] | None:
        try:
            data = json.loads(self.raw.body)
        except (ValueError, RecursionError):
            return None
        if bare and isinstance(data, list):
            return {bare: data}
        return data if isinstance(data, dict) else None


def _is_json(content_type: str) -> bool:
    return content_type == "application/json" or content_type.endswith("+json")
