"""What a name takes of nginx: in the shared dict, and parsed in each worker that serves it.

There is no reference and no limit: the figures stand in the README of lua-resty-peter_sslers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.edge.nginx import Nginx, Site
from tests.edge.pairs import Issuer, Pair

from . import bed

NAMES = 100_000
PARSED = 3_000
KEYS = {"RSA": "RSA-2048", "EC": "EC P-256"}

# Both answer with a number of bytes.
LOCATIONS = """
    location /fill/shared {{
        content_by_lua_block {{
            local dict = ngx.shared.cert_cache
            local store = require "resty.peter_sslers.store"
            local function text(path) return assert(io.open(path)):read("*a") end
            local pair = {{ cert = text("{folder}/pair.pem"), pkey = text("{folder}/pair.key") }}
            local before, stored, name = dict:free_space(), 0, nil
            for number = 1, {names} do
                name = ("n%06d.customer.example.com"):format(number)
                if store.set_pair(name, pair, store.token(name)) then stored = stored + 1 end
            end
            assert(stored == {names} and store.read("n000001.customer.example.com"))
            ngx.print(before - dict:free_space())
        }}
    }}
    location /fill/worker {{
        content_by_lua_block {{
            local cache = require "resty.peter_sslers.cache"
            local function resident()
                for line in io.lines("/proc/self/status") do
                    local kb = line:match("^VmRSS:%s+(%d+)")
                    if kb then return kb * 1024 - ngx.shared.cert_cache:capacity() end
                end
            end
            cache.get("n000001.customer.example.com")
            collectgarbage()
            local before = resident()
            for number = 2, {parsed} do
                assert(cache.get(("n%06d.customer.example.com"):format(number)))
            end
            collectgarbage()
            ngx.print(resident() - before)
        }}
    }}
"""


def measure(folder: Path, technology: str, pair: Pair, names: int) -> None:
    folder.mkdir()
    (folder / "pair.pem").write_text(pair.fullchain)
    (folder / "pair.key").write_text(pair.pkey)
    parsed = min(PARSED, names)
    site = Site(
        "nil, nil",
        workers=1,
        dict_size=f"{12 * names // 1000 + 8}m",
        init_worker=f"peter_sslers.initialize_worker(600, 600, {parsed})",
        locations=LOCATIONS.format(folder=folder, names=names, parsed=parsed),
    )
    nginx = Nginx(folder, site)
    try:
        shared = int(nginx.get("/shared", mount="/fill").text) / names
        worker = int(nginx.get("/worker", mount="/fill").text) / (parsed - 1)
    finally:
        nginx.stop()
    print(
        f"{KEYS[technology]}, {len(pair.fullchain)} bytes of certificate and chain, "
        f"{len(pair.pkey)} of key: {shared:.0f} bytes a name in the dict "
        f"({shared * 100_000 / 2**20:.0f} MiB for 100,000 names; {names} measured), "
        f"{worker:.0f} bytes a name parsed"
    )


def main() -> None:
    names = int(sys.argv[1]) if len(sys.argv) > 1 else NAMES
    issuer = Issuer()
    with bed.folder() as home:
        for technology in KEYS:
            pair = issuer.issue("n000001.customer.example.com", technology, public=True)
            measure(home / technology, technology, pair, names)


if __name__ == "__main__":
    main()
