"""Download of certificates: RFC 8555 section 7.4.2. Whether it is the right one the caller sees."""

from __future__ import annotations

import re

from .client import Client
from .problems import BadAnswer, Problem, Unreachable
from .server import log

CHAIN_TYPE = "application/pem-certificate-chain"
LONGEST = 60 * 1024  # bytes of one chain; MariaDB keeps 64 KiB in a text
ALTERNATES = 10

# Section 9.1: certificates and nothing besides. Section 11.4 wants us to see to it.
# One \s and not \s+, which would try each way to share a long blank with what follows.
BLOCK = r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----\s*"


def download(client: Client, url: str, *, alternates: bool = True) -> tuple[str, ...]:
    """The certificate with its chain as PEM, the default one first, then the alternates.

    Each begins with the end-entity certificate. One request each; an alternate that can not be
    had is left out. Raises BadAnswer for what is no chain of certificates.
    """
    default, others = _chain(client, url)
    chains = [default]
    for other in others[:ALTERNATES] if alternates else ():
        try:
            chain, _ = _chain(client, client.server.own(other))
        except (Problem, Unreachable, BadAnswer) as exc:
            log.warning("an alternate chain is left out: %s", exc)
            continue
        if chain not in chains:
            chains.append(chain)
    return tuple(chains)


def _chain(client: Client, url: str) -> tuple[str, tuple[str, ...]]:
    response = client.post(url, accept=CHAIN_TYPE, limit=LONGEST)
    if response.content_type != CHAIN_TYPE:
        raise BadAnswer(f"{url} sent {response.content_type or 'an unnamed type'}, no chain")
    text = response.raw.body.decode("ascii", errors="replace")
    blocks = [block.strip() for block in re.findall(BLOCK, text)]
    if not blocks or re.sub(BLOCK, "", text).strip():
        raise BadAnswer(f"{url} sent something else than certificates")
    others = tuple(link for link in response.links("alternate") if link != url)
    return "".join(f"{block}\n" for block in blocks), others
