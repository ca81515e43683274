"""Certificates a second that come in: by the command, and by HTTP, each in its own request.

`python -m benchmarks.imports [COUNT [FOLDER]]`; the folder is one of Certbot's, else one is made.

The reference is a program that does nothing else: it reads the same files with cryptography, checks
that key and issuer fit, works out what the rows say of them, and inserts the same rows by sqlite3's
executemany, in one transaction. It runs before and after the uploads: a machine's speed wanders.
"""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5, sha256
from pathlib import Path
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from peter_sslers.scripts import initialize_db
from tests.services.estate import Ca, certbot
from tests.services.peter import ADMIN, write_ini
from tests.services.processes import free_port
from tests.services.served import ServedProcess

from . import bed
from .report import finish, ratio

COUNT = 2_000
UPLOADS = 1_000  # by HTTP; each is a request, so fewer will do
CONNECTIONS = (1, 4, 16)  # at the same time, each to a database of its own
WORKERS = os.cpu_count() or 1  # what docs/deploy.md says, for a machine that does nothing else
LEAST_BY_COMMAND = 0.3
LEAST_BY_HTTP = 0.15
# In the order in which they refer to one another.
TABLES = (
    "operations_event",
    "domain",
    "unique_fqdn_set",
    "unique_fqdn_set_2_domain",
    "private_key",
    "certificate_ca",
    "certificate_ca_chain",
    "certificate_signed",
    "certificate_signed_chain",
    "operations_object_event",
)
BOUNDARY = "----------------benchmark"
HEAD = (
    f"POST {ADMIN}/certificate-signed/upload.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: %d\r\n\r\n"
).encode()
Files = tuple[bytes, bytes, bytes]


def triplets(folder: Path) -> Iterator[Files]:
    for lineage in sorted((folder / "archive").iterdir()):
        kinds = ("cert1.pem", "privkey1.pem", "chain1.pem")
        cert, key, chain = ((lineage / kind).read_bytes() for kind in kinds)
        yield cert, key, chain


def read(files: Files) -> tuple[object, ...]:
    """What the rows say of a certificate and its key."""
    cert = x509.load_pem_x509_certificate(files[0])
    key = load_pem_private_key(files[1], None)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki = cert.public_key().public_bytes(*form)
    assert spki == key.public_key().public_bytes(*form)
    cert.verify_directly_issued_by(x509.load_pem_x509_certificate(files[2]))
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return (
        *(content.decode() for content in files),
        *(md5(content, usedforsecurity=False).hexdigest() for content in files),
        sha256(spki).hexdigest(),
        cert.fingerprint(hashes.SHA1()).hex(),
        cert.fingerprint(hashes.SHA256()).hex(),
        f"{cert.serial_number:X}",
        cert.subject.rfc4514_string(),
        cert.issuer.rfc4514_string(),
        str(cert.not_valid_before_utc),
        str(cert.not_valid_after_utc),
        names.value.get_values_for_type(x509.DNSName),
    )


def reference(folder: Path, filled: Path, empty: Path) -> float:
    """Seconds to read the certificates, and to insert what `filled` has and `empty` has not."""
    began = time.perf_counter()
    for files in triplets(folder):
        read(files)
    took = time.perf_counter() - began
    source, target = sqlite3.connect(filled), sqlite3.connect(empty)
    target.execute("PRAGMA synchronous=FULL")
    rows = {}
    for table in TABLES:
        last = target.execute(f"SELECT coalesce(max(rowid), -1) FROM {table}").fetchone()[0]
        rows[table] = source.execute(f"SELECT * FROM {table} WHERE rowid > ?", (last,)).fetchall()
    began = time.perf_counter()
    for table, some in rows.items():
        marks = ",".join("?" * len(some[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
    target.commit()
    took += time.perf_counter() - began
    source.close()
    target.close()
    return took


def database(home: Path, name: str) -> tuple[Path, Path, int]:
    """A new one: its .ini, its file, the port of its Peter."""
    nobody = SimpleNamespace(directory_url="https://127.0.0.1:9/dir", ca_file=None)
    port, file = free_port(), home / f"{name}.sqlite"
    workers = {"workers": str(WORKERS), "worker_cpu_affinity": "true"}
    ini = write_ini(home / f"{name}.ini", port, f"sqlite:///{file}", nobody, workers)
    initialize_db.main(["initialize_peter_sslers_db", str(ini)])
    return ini, file, port


def by_command(ini: Path, folder: Path) -> float:
    """Seconds; the whole process counts, with its start."""
    command = Path(sys.executable).with_name("peter_sslers_import")
    # As it is installed: Python keeps what it has compiled.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([command], env=env, check=False, capture_output=True)
    began = time.perf_counter()
    subprocess.run([command, ini, folder], env=env, check=True)
    return time.perf_counter() - began


def body(files: Files) -> bytes:
    fields = ("certificate_file", "private_key_file_pem", "chain_file")
    parts = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
        f'name="{name}"; filename="{name}.pem"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in zip(fields, files, strict=True)
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(port: int, bodies: Iterable[bytes]) -> None:
    """Each in a request of its own, one after the other over one connection.

    By a socket: http.client would take as much time of the CPU as a tenth of the server does.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        for content in bodies:
            client.sendall(HEAD % len(content) + content)
            status, said = answer(client)
            if status != 200:
                raise RuntimeError(said.decode())


def send_all(port: int, bodies: Sequence[bytes], connections: int) -> None:
    with ThreadPoolExecutor(connections) as clients:
        shares = [bodies[at::connections] for at in range(connections)]
        list(clients.map(lambda share: send(port, share), shares))


def answer(client: socket.socket) -> tuple[int, bytes]:
    """Status and body of an answer that says how long it is."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += received(client)
    head, _, said = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(said) < length:
        said += received(client)
    return int(head[9:12]), said


def received(client: socket.socket) -> bytes:
    some = client.recv(65536)
    if not some:
        raise RuntimeError("Peter closed the connection")
    return some


def by_http(ini: Path, port: int, folder: Path, connections: int) -> float:
    """Certificates a second, over so many connections at the same time."""
    bodies = [body(files) for files, _ in zip(triplets(folder), range(UPLOADS), strict=False)]
    warm = len(bodies) // 10
    server = ServedProcess(ini, port)
    try:
        send_all(port, bodies[:warm], 8 * WORKERS)  # so that each process has had some
        began = time.perf_counter()
        send_all(port, bodies[warm:], connections)
        return (len(bodies) - warm) / (time.perf_counter() - began)
    finally:
        server.stop()


def main(argv: list[str] = sys.argv) -> None:
    with bed.folder() as home:
        count = int(argv[1]) if len(argv) > 1 else COUNT
        folder = Path(argv[2]) if len(argv) > 2 else certbot(home / "estate", Ca(), count)
        count = sum(1 for _ in (folder / "archive").iterdir())
        ini, filled, _ = database(home, "command")
        command = count / by_command(ini, folder)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        took = [reference(folder, filled, database(home, "before")[1])]
        uploads = {}
        for connections in CONNECTIONS:
            ini, _, port = database(home, f"http{connections}")
            uploads[connections] = by_http(ini, port, folder, connections)
        took.append(reference(folder, filled, database(home, "after")[1]))
        limit = 2 * count / sum(took)
    print(f"  {count:,} certificates; the command took at most {memory} MiB of memory")
    unit = "certificates/s"
    good = [
        ratio("command, a folder", command, limit, unit, least=LEAST_BY_COMMAND),
        *(
            ratio(f"HTTP, one a request, {count} conn.", rate, limit, unit, least=LEAST_BY_HTTP)
            for count, rate in uploads.items()
        ),
    ]
    finish(all(good))


if __name__ == "__main__":
    main()
