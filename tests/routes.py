"""`python -m tests.routes`: every route of the application, as tests/routes.txt has them."""

from __future__ import annotations

import re
import sys

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper

from peter_sslers.web.register import begin

ROOT = "admin"
HEAD = "# Every route, in the order in which they are tried. Made by `make routes`."


def routes() -> list[str]:
    """`{ADMIN}/acme-order/{id}`, and the same with `.json` where both faces are at one route."""
    config = Configurator()
    config.include("peter_sslers.web.public")
    config.include(_admin, route_prefix=ROOT)
    config.commit()
    mapper = config.registry.getUtility(IRoutesMapper)
    return [path for route in mapper.get_routes() for path in _paths(route.pattern)]


def _admin(config: Configurator) -> None:
    begin(config)
    config.include("peter_sslers.web.whoami")
    config.include("peter_sslers.web.admin")


def _paths(pattern: str) -> list[str]:
    path = "/" + pattern.lstrip("/")
    if path == f"/{ROOT}" or path.startswith(f"/{ROOT}/"):
        path = "{ADMIN}" + path.removeprefix(f"/{ROOT}")
    bare = path.replace(r"{json:(?:\.json)?}", "")
    shown = re.sub(r"{(format):\(\?:([^)]*)\)}", r"{\1:(\2)}", bare).replace(r"\.", ".")
    shown = re.sub(r"{(?!format)(\w+):[^{}]*}", r"{\1}", shown)
    return [shown] if bare == path else [shown, f"{shown}.json"]


if __name__ == "__main__":
    sys.stdout.write("\n".join([HEAD, *routes(), ""]))
