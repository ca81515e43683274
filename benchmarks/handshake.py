"""TLS handshakes a second by nginx: a certificate from the module's memory, and the same one static.

Both servers are in one nginx, take turns, and present the same certificate; each connection is a
full handshake and one short answer. wrk and nginx share the machine's cores.
"""

from __future__ import annotations

import re
import statistics
import subprocess
from pathlib import Path

from tests.edge.nginx import Nginx, Site
from tests.edge.pairs import Issuer, Pair
from tests.edge.upstream import Upstream
from tests.services.processes import find, free_port

from . import bed
from .report import finish, ratio, spread

ROUNDS = 5
SECONDS = 2
CONNECTIONS = 16
LEAST = 0.9
NAME = "localhost"  # wrk sends it as server name, and finds its address

STATIC = """
    server {{
        listen 127.0.0.1:{port} ssl reuseport backlog=1024;
        ssl_certificate {folder}/pair.pem;
        ssl_certificate_key {folder}/pair.key;
        location / {{ return 200 "$pid"; }}
    }}
"""


def rate(port: int) -> float:
    """Handshakes a second: every request is one."""
    wrk = find("wrk") or "wrk"
    load = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", "Connection: close"]
    said = subprocess.run(
        [wrk, *load, f"https://{NAME}:{port}/"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def in_memory(nginx: Nginx) -> int:
    found = re.search(r'handshakes_total{served="memory"} (\d+)', nginx.get("/metrics").text)
    assert found
    return int(found[1])


def measure(folder: Path, technology: str, pair: Pair, upstream: Upstream) -> bool:
    folder.mkdir()
    (folder / "pair.pem").write_text(pair.fullchain)
    (folder / "pair.key").write_text(pair.pkey)
    port = free_port()
    static = STATIC.format(port=port, folder=folder)
    nginx = Nginx(folder, Site(f"nil, '{upstream.url}'", http=static))
    try:
        assert nginx.serial(NAME) == pair.serial
        rates = [(rate(nginx.tls_port), rate(port)) for _ in range(ROUNDS)]
        assert in_memory(nginx) > ROUNDS * SECONDS * statistics.median(a for a, _ in rates) / 2
    finally:
        nginx.stop()
    own, other = [a for a, _ in rates], [b for _, b in rates]
    spread(f"{technology}, from memory", own, "handshakes/s")
    spread(f"{technology}, static", other, "handshakes/s")
    title = f"handshakes with {technology}"
    medians = statistics.median(own), statistics.median(other)
    return ratio(title, *medians, "handshakes/s", least=LEAST)


def main() -> None:
    issuer, upstream = Issuer(), Upstream()
    good = []
    with bed.folder() as home:
        for technology in ("EC", "RSA"):
            pair = issuer.issue(NAME, technology)
            upstream.serves(NAME, pair)
            good.append(measure(home / technology, technology, pair, upstream))
    upstream.stop()
    finish(all(good))


if __name__ == "__main__":
    main()
