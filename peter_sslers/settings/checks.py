"""What is wrong with settings as a whole: what is missing, what does not go together."""

from __future__ import annotations

import difflib
import importlib.util
import re
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .option import Option, mask_url

if TYPE_CHECKING:
    from .declared import Settings

ANY_HOST = "*"
# Names of other packages' options that may stand in [app:main].
_FOREIGN = re.compile(
    r"(pyramid|sqlalchemy|mako|debugtoolbar|tm|retry|paste|logging)\."
    r"|(__file__|here|use|filter-with|default_locale_name|reload_.*|debug_.*)$"
)


def together(settings: Settings, known: Container[str]) -> Iterator[str]:
    """What no option can tell by itself. Of those `known` as wrong all has been said."""
    for name, complaint in (*_required(settings), *_bounds(settings), *_access(settings)):
        if name not in known:
            yield complaint


def _required(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.sqlalchemy_url:
        yield "sqlalchemy.url", "No `sqlalchemy.url` is configured"
    if not settings.certificate_authority:
        yield "certificate_authority", "No `certificate_authority` selected"
    if not settings.certificate_authority_protocol:
        name = "certificate_authority_protocol"
        yield name, f"invalid `{name}` selected; allowed: `acme-v2`"
    if settings.enable_redis:
        yield from _redis(settings)
    if settings.enable_nginx and not settings.nginx_servers_pool:
        name = "nginx.servers_pool"
        yield name, f"No `{name}` is configured, but `enable_nginx` is on"


def _redis(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.redis_url:
        yield "redis.url", "No `redis.url` is configured"
    elif urlsplit(settings.redis_url).scheme not in {"redis", "rediss", "unix"}:
        shown = mask_url(settings.redis_url)
        yield "redis.url", f"`redis.url` is “{shown}”; allowed: redis://…, rediss://…, unix://…"
    if not settings.redis_prime_style:
        yield "redis.prime_style", "No `redis.prime_style` is configured"
    elif settings.redis_prime_style not in {"1", "2"}:
        yield "redis.prime_style", "`redis.prime_style` must be one of: (`1`, `2`)"
    if importlib.util.find_spec("redis") is None:
        yield "enable_redis", "`enable_redis` is on, but the Python package redis is not installed"


def _bounds(settings: Settings) -> Iterator[tuple[str, str]]:
    low, high = settings.queue_domains_min_per_cert, settings.queue_domains_max_per_cert
    if low > high:
        text = "`queue_domains_max_per_cert` must be greater than `queue_domains_min_per_cert`"
        yield "queue_domains_max_per_cert", f"{text}: {high} is less than {low}"


def _access(settings: Settings) -> Iterator[tuple[str, str]]:
    name = "admin_allowed_hosts"
    if not settings.admin_allowed_hosts:
        yield name, f"`{name}` is empty; allowed: host names without ports, or `{ANY_HOST}`"
    if ANY_HOST in settings.admin_allowed_hosts and not settings.admin_userpass_file:
        yield name, f"`{name}` is “{ANY_HOST}”, which needs `admin_userpass_file` as well"


def unknown_names(raw: Iterable[str], options: Iterable[Option]) -> Iterator[str]:
    """A sentence for each name that looks like one of ours and is none."""
    known = {name for found in options for name in (found.name, *found.aliases)}
    prefixes = {re.split(r"[._]", name)[0] for name in known}
    for name in raw:
        if name in known or _FOREIGN.match(name):
            continue
        close = difflib.get_close_matches(name, known, 1, 0.75)
        if close:
            yield f"Unknown option `{name}` in the .ini; did you mean `{close[0]}`?"
        elif re.split(r"[._]", name)[0] in prefixes:
            yield f"Unknown option `{name}` in the .ini is ignored"
