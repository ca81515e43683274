"""When the server wants a certificate renewed: ACME Renewal Information, RFC 9773."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import jws
from .documents import Document
from .problems import BadAnswer
from .server import NOBODY, Outgoing, Server, Watch

# RFC 9773 section 4.3: what a server may make us wait, and how long we wait if it says nothing.
SOONEST_S = 60.0
LATEST_S = 86_400.0
USUAL_S = 6 * 3600.0
LONGEST = 16 * 1024  # bytes of an answer


@dataclass(frozen=True)
class RenewalInfo:
    """Section 4.2. `again_s`: ask again after so many seconds, within bounds whatever was said."""

    start: datetime
    end: datetime
    explanation_url: str | None
    again_s: float

    @classmethod
    def parse(cls, doc: Document) -> RenewalInfo:
        """Raises BadAnswer, also for a window that ends before it begins."""
        window = doc.inner("suggestedWindow")
        start, end = window.moment("start"), window.moment("end")
        if start is None or end is None or end <= start:
            raise BadAnswer(f"{doc.what}: `suggestedWindow` is no span of time")
        told = USUAL_S if doc.retry_after_s is None else doc.retry_after_s
        return cls(
            start=start,
            end=end,
            # For people, and so of any host: never fetched by us.
            explanation_url=doc.maybe_text("explanationURL"),
            again_s=min(max(told, SOONEST_S), LATEST_S),
        )


def certificate_id(authority_key_identifier: str, serial: int) -> str:
    """How the server calls a certificate: section 4.1.

    `authority_key_identifier` is its keyIdentifier in hex. The serial number's bytes are those of
    its DER, which has a zero before a first bit that is set.
    """
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
    return f"{jws.b64(bytes.fromhex(authority_key_identifier))}.{jws.b64(number)}"


def offered(server: Server, watch: Watch = NOBODY) -> bool:
    """Whether the server's directory has `renewalInfo`."""
    return server.directory(watch).renewal_info is not None


def fetch(server: Server, identifier: str, watch: Watch = NOBODY) -> RenewalInfo:
    """Ask for a certificate's window: a plain GET without an account, section 4.1."""
    url = server.directory(watch).renewal_info
    if url is None:
        raise BadAnswer(f"{server.directory_url} does not offer renewalInfo")
    out = Outgoing("GET", f"{url.rstrip('/')}/{identifier}", limit=LONGEST)
    return RenewalInfo.parse(server.send(out, watch).document(server.own))
