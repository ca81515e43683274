"""Our request: what views ask of it besides what Pyramid's has.

A class and not `config.add_request_method`: with that, Pyramid makes a new class for each request,
which costs more than a challenge's answer may.
"""

from __future__ import annotations

from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pyramid.request import Request

from .hosts import host_name

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ..lib.context import Context
    from ..lib.database import Database
    from ..lib.edge import Edge


def _close(session: Session) -> None:
    if session.in_transaction():  # else it has no connection to give back
        session.close()


class PeterRequest(Request):
    def __init__(self, environ: dict[str, Any], **kw: Any) -> None:
        super().__init__(environ, **kw)
        self.began = perf_counter()

    @cached_property
    def ctx(self) -> Context:
        """What use cases work with; its session is closed when the request has ended."""
        ctx: Context = self.registry.peter.context()
        self.add_finished_callback(lambda _: _close(ctx.db))
        return ctx

    @property
    def database(self) -> Database:
        """For views that read a row or two and need no session."""
        database: Database = self.registry.peter.database
        return database

    @property
    def edge(self) -> Edge | None:
        """Redis and nginx, where they are switched on."""
        edge: Edge | None = self.registry.peter.edge
        return edge

    @cached_property
    def admin_path(self) -> str:
        """The path of the admin's root, as the client sees it."""
        return f"{self.script_name}{self.registry.resources.root}"

    @cached_property
    def admin_url(self) -> str:
        """The absolute address of the admin's root."""
        return f"{self.registry.api_host or self.host_url}{self.admin_path}"

    @property
    def shown_admin_url(self) -> str:
        """The same as instructions have it: the .ini may say something else there."""
        return str(self.registry.admin_url or self.admin_url)

    @property
    def admin_server(self) -> str:
        """The admin's host, as pages show it."""
        return str(self.registry.admin_server or self.host)

    @property
    def active_domain_name(self) -> str:
        """The host that the client asked for."""
        return host_name(self.environ.get("HTTP_HOST", ""))

    @property
    def wants_json(self) -> bool:
        return str(self.environ.get("PATH_INFO", "")).lower().endswith(".json")
