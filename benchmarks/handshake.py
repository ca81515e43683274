"""TLS handshakes a second by nginx: with a certificate of the module's memory, and of a file.

Both servers are in one nginx, take turns, and present the same certificate; each connection is a
full handshake and one short answer. A second is one of the time that nginx's workers had a core:
wrk, and whatever else runs on the machine, takes turns with them on the same cores.
"""

from __future__ import annotations

import os
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

ROUNDS = 9
SECONDS = 1
CONNECTIONS = 16
LEAST = 0.9
NAME = "localhost"  # wrk sends it as server name, and finds its address

# A resumed session would need no certificate.
STATIC = """
    ssl_session_tickets off;
    ssl_session_cache off;
    server {{
        listen 127.0.0.1:{port} ssl reuseport backlog=1024;
        ssl_certificate {folder}/pair.pem;
        ssl_certificate_key {folder}/pair.key;
        location / {{ return 200 "$pid"; }}
    }}
"""


def worker_seconds(nginx: Nginx) -> float:
    """What the workers have had of the cores."""
    ticks = 0
    for pid in nginx.workers():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rate(nginx: Nginx, port: int) -> float:
    """Handshakes by second of the workers: every request is one."""
    wrk = find("wrk") or "wrk"
    load = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", "Connection: close"]
    before = worker_seconds(nginx)
    said = subprocess.run(
        [wrk, *load, f"https://{NAME}:{port}/"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"(\d+) requests in", said)
    assert found, said
    return int(found[1]) / (worker_seconds(nginx) - before)


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
        rates = [(rate(nginx, nginx.tls_port), rate(nginx, port)) for _ in range(ROUNDS)]
        assert in_memory(nginx) > ROUNDS * SECONDS  # and no sessions that were resumed
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
