"""A site that has a Redis, or a pool of nginx servers, to keep up to date."""

from __future__ import annotations

from typing import Any

from peter_sslers.lib.edge import Edge
from peter_sslers.settings import Settings

from .acme_site import Site


def with_redis(site: Site, url: str, style: str = "1", **more: Any) -> Edge:
    """`more` are further settings."""
    return _with(site, enable_redis=True, redis_url=url, redis_prime_style=style, **more)


def with_nginx(site: Site, *servers: str, **more: Any) -> Edge:
    return _with(site, enable_nginx=True, nginx_servers_pool=servers, **more)


def _with(site: Site, **settings: Any) -> Edge:
    edge = Edge.of(Settings(**settings), site.database)
    assert edge is not None
    site.edge = edge
    return edge
