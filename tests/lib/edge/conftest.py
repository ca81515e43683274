"""Databases with certificates, and the edge that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from peter_sslers.lib.context import Context
from peter_sslers.lib.edge import Edge
from peter_sslers.settings import Settings

StartEdge = Callable[..., Edge]


@pytest.fixture
def start_edge(ctx: Context) -> Iterator[StartEdge]:
    """`start_edge(url, style="1", **settings)`: the context's own, over Redis."""

    def start(url: str, style: str = "1", **more: Any) -> Edge:
        settings = Settings(enable_redis=True, redis_url=url, redis_prime_style=style, **more)
        ctx.edge = Edge.of(settings, ctx.database)
        assert ctx.edge is not None
        return ctx.edge

    yield start
    if ctx.edge:
        assert ctx.edge.wait(20)
