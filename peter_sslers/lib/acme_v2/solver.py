"""Looking at our own http-01 answer as the CA will: RFC 8555 section 8.3."""

from __future__ import annotations

import ssl
from urllib.parse import quote

from .problems import BadAnswer, Unreachable
from .transport import Transport

TIMEOUT_S = 10.0
LONGEST = 4096  # bytes; a key authorization has less than 400


def http_01_problem(
    name: str, token: str, expected: str, *, port: int = 80, user_agent: str = "peter_sslers"
) -> str | None:
    """Why the CA would not find `expected` at `name`; None if it would, as far as we can tell.

    A redirect is not followed: it could lead anywhere. The CA will follow it and see.
    """
    host = f"[{name}]" if ":" in name else name
    where = host if port == 80 else f"{host}:{port}"
    url = f"http://{where}/.well-known/acme-challenge/{quote(token, safe='')}"
    transport = Transport(user_agent, TIMEOUT_S, ssl.create_default_context())
    try:
        answer = transport.exchange("GET", url, None, {}, LONGEST)
    except (Unreachable, BadAnswer) as exc:
        return str(exc)
    finally:
        transport.close()
    if 300 <= answer.status < 400:
        return None
    if answer.status != 200:
        return f"{url} answered HTTP {answer.status}"
    # Section 8.3: trailing whitespace is ignored.
    if answer.body.rstrip() != expected.encode():
        return f"{url} answered something else than the key authorization"
    return None
