"""The HTTP server on real sockets: the public paths never wait for the admin."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from functools import partial

import pytest

from peter_sslers.errors import SettingsError
from peter_sslers.server import Server
from peter_sslers.web.submitted import MAX_BODY
from peter_sslers.workers import Load

from ..web.whole import CHALLENGE, initialised, options, start_whole
from .waiting import until

__all__ = ["initialised", "start_whole"]

PUBLIC = f"{CHALLENGE}/token"


class Slow:
    """An application whose other paths wait until `go` is set."""

    def __init__(self):
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        if not environ["PATH_INFO"].startswith(CHALLENGE):
            self.waiting.release()
            self.go.wait(30)
        body = f"{environ['PATH_INFO']} {environ['REMOTE_ADDR']}".encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def run():
    """`run(app, **options)` → (server, its thread), stopped at the end; `more` arguments of it."""
    running = []

    def start(app, more=(), **raw):
        raw = {"listen": "127.0.0.1:0", "stop_after_s": "5"} | raw
        server = Server(app, raw, *more)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        return server, thread

    yield start
    for server, thread in running:
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


def connection(address):
    return closing(http.client.HTTPConnection(*address, timeout=10))


def get(address, path, **headers):
    with connection(address) as http_:
        http_.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = http_.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())


def send(address, path):
    """A request whose answer nobody reads yet."""
    client = socket.create_connection(address, timeout=30)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return client


def test_a_challenge_is_answered_while_every_admin_thread_is_busy(run):
    app = Slow()
    server, _ = run(app, threads="2", public_threads="1")
    clients = [send(server.addresses[0], "/slow") for _ in range(5)]
    for _ in range(2):
        assert app.waiting.acquire(timeout=10)
    assert get(server.addresses[0], PUBLIC)[0] == 200
    app.go.set()
    for client in clients:
        with client:
            assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_one_connection_may_ask_for_both(run):
    app = Slow()
    app.go.set()
    server, _ = run(app)
    with connection(server.addresses[0]) as http_:
        for path in ("/slow", PUBLIC, "/slow"):
            http_.request("GET", path)
            assert http_.getresponse().read().decode().startswith(path)


def saying(text):
    def app(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(len(text)))])
        return [text.encode()]

    return app


def test_who_has_more_connections_leaves_new_ones_to_the_other(run, monkeypatch):
    monkeypatch.setattr("peter_sslers.server._FOR_OTHERS_S", 5)
    load = Load(2)
    load.is_least(1, 100)
    one, _ = run(saying("one"), more=([()], [partial(load.is_least, 0)]))
    sockets = [listener.sockets for listener in one.listeners]
    address = one.addresses[0]
    with ExitStack() as open_:
        for _ in range(6):
            assert ask(open_.enter_context(connection(address))) == "one"
        run(saying("two"), more=(sockets, [partial(load.is_least, 1)]))
        until(lambda: not load.is_least(0, 6))
        served = [ask(open_.enter_context(connection(address))) for _ in range(6)]
    assert served == ["two"] * 6


def test_nobody_waits_long_for_another_that_does_not_come(run):
    server, _ = run(saying("one"), more=([()], [lambda _: False]))
    assert get(server.addresses[0], "/")[:2] == (200, "one")


def ask(http_):
    http_.request("GET", "/")
    return http_.getresponse().read().decode()


def test_cpus_are_not_chosen_where_the_system_has_no_way_to(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity")
    with pytest.raises(SettingsError, match="`worker_cpu_affinity` is “true”; this system"):
        Server(Slow(), {"listen": "127.0.0.1:0", "worker_cpu_affinity": "true"})


def test_the_public_listener_serves_nothing_else(run):
    app = Slow()
    app.go.set()
    server, _ = run(app, public_listen="127.0.0.1:0")
    main, public = server.addresses
    assert get(main, "/slow")[0] == 200
    assert get(public, PUBLIC)[0] == 200
    for path in ("/slow", "/.well-known/admin", f"{CHALLENGE}s"):
        status, _, headers = get(public, path)
        assert status == 404
        assert headers["X-Peter-Sslers"] == "production"


@pytest.mark.parametrize(("listener", "size"), [(0, 2 * MAX_BODY), (1, 65536)])
def test_a_body_that_nobody_reads_is_not_taken_in(run, listener, size):
    app = Slow()
    app.go.set()
    server, _ = run(app, public_listen="127.0.0.1:0")
    with connection(server.addresses[listener]) as http_:
        http_.request("POST", PUBLIC, body=b"-")
        assert http_.getresponse().status == 200
    with connection(server.addresses[listener]) as http_:
        http_.putrequest("POST", PUBLIC)
        http_.putheader("Content-Length", str(size))
        http_.endheaders()
        assert http_.getresponse().status == 413


@pytest.mark.parametrize("path", ["/upload.json", "/upload"])
def test_what_the_server_refuses_is_told_in_json_to_who_asks_for_it(run, path):
    server, _ = run(Slow())
    with connection(server.addresses[0]) as http_:
        http_.putrequest("POST", path)
        http_.putheader("Content-Length", str(2 * MAX_BODY))
        http_.endheaders()
        answer = http_.getresponse()
        said = answer.read().decode()
    assert answer.status == 413
    if path.endswith(".json"):
        assert json.loads(said).keys() == {"result", "error"}
    assert "Request Entity Too Large" in said


def test_a_broken_request_is_refused_and_breaks_nothing(run):
    server, _ = run(Slow())
    with socket.create_connection(server.addresses[0], timeout=10) as client:
        client.sendall(b"nonsense\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.0 400")
    assert get(server.addresses[0], PUBLIC)[0] == 200


def test_only_a_trusted_proxy_may_say_who_asks(run):
    forwarded = {"X_Forwarded_For": "192.0.2.9"}
    plain, _ = run(Slow())
    assert get(plain.addresses[0], PUBLIC, **forwarded)[1].endswith(" 127.0.0.1")
    trusting, _ = run(Slow(), trusted_proxy="127.0.0.1", trusted_proxy_headers="x-forwarded-for")
    assert get(trusting.addresses[0], PUBLIC, **forwarded)[1].endswith(" 192.0.2.9")


def test_a_stop_lets_running_requests_end_and_takes_no_new_ones(run):
    app = Slow()
    server, thread = run(app)
    address = server.addresses[0]
    with send(address, "/slow") as client:
        assert app.waiting.acquire(timeout=10)
        server.stop()
        while True:
            try:
                socket.create_connection(address, timeout=10).close()
            except OSError:
                break
        app.go.set()
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    thread.join(20)
    assert not thread.is_alive()


def test_without_a_listen_line_only_this_machine_is_served():
    server = Server(Slow(), {"port": "0"})
    assert server.addresses[0][0] == "127.0.0.1"
    server.close()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "127.0.0.1:0 0.0.0.0:0"])
def test_the_admin_is_not_started_for_everybody_without_credentials(start_whole, listen):
    with pytest.raises(SettingsError, match="would be reachable at"):
        Server(start_whole().wsgi, {"listen": listen})


def test_filters_around_the_application_do_not_hide_it(start_whole, run):
    from paste.deploy.config import PrefixMiddleware

    wsgi = start_whole(enable_views_admin="no", x_peter_sslers="blue").wsgi
    server, _ = run(PrefixMiddleware(wsgi, {}), listen="0.0.0.0:0", public_listen="127.0.0.1:0")
    headers = get(server.addresses[1], "/nothing")[2]
    assert headers["X-Peter-Sslers"] == "blue"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pserve_ends_on_a_signal(initialised, tmp_path, number):
    app = options(initialised.parent)
    lines = "".join(f"{name} = {value}\n" for name, value in app.items())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ini = tmp_path / "served.ini"
    ini.write_text(
        f"[app:main]\nuse = egg:peter_sslers#main\nfilter-with = proxy-prefix\n{lines}\n"
        "[filter:proxy-prefix]\nuse = egg:PasteDeploy#prefix\n\n"
        f"[server:main]\nuse = egg:peter_sslers#main\nlisten = 127.0.0.1:{port}\n"
    )
    argv = [sys.executable, "-W", "ignore", "-m", "pyramid.scripts.pserve", str(ini)]
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out, env=os.environ)
    try:
        while process.poll() is None:
            try:
                assert get(("127.0.0.1", port), PUBLIC)[0] == 404
                break
            except OSError:
                continue
        process.send_signal(number)
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def test_plain_waitress_serves_too_and_says_what_is_missing(start_whole, serve, caplog):
    served = serve(start_whole().wsgi)
    for _ in range(2):
        assert get(("127.0.0.1", served.ports[0]), "/.well-known/admin/whoami")[0] == 200
    assert caplog.text.count("egg:waitress#main: polls of the CA wait") == 1
