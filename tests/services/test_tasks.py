"""The invoke tasks bring what a real Certbot has to Peter, which goes on with it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .certbot import CONTACT, Certbot
from .dns import Dns
from .estate import Ca, files
from .estate import certbot as certbot_tree
from .pebble import Options, Pebble, StartPebble
from .peter import ADMIN, Peter, StartPeter, stop_all
from .processes import free_port

pytestmark = [pytest.mark.service("certbot"), pytest.mark.service("pebble")]

TOOLS = Path(__file__).parents[2] / "tools"
RENEWED, RSA = "renewed.example.com", "rsa.example.com"


def invoke(root: str, name: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "invoke", name, *map(str, options)]
    env = {**os.environ, "PETER_SSLERS_SERVER_ROOT": root}
    return subprocess.run(argv, cwd=TOOLS, env=env, capture_output=True, text=True, timeout=120)


@dataclass
class Estate:
    """A Peter that knows the CA of Certbot's folder, and nothing of the folder."""

    peter: Peter
    config: Path

    def run(self, name: str, *options: str | Path) -> tuple[int, str, str]:
        done = invoke(self.peter.url, name, *options)
        assert "PRIVATE KEY" not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr


def latest(estate: Estate) -> int:
    domain = estate.peter.get(f"/domain/{RENEWED}")["Domain"]
    return int(domain["certificate__latest_single"]["id"])


@pytest.fixture(scope="module")
def estate(
    tmp_path_factory: pytest.TempPathFactory,
    dns: Dns,
    start_pebble: StartPebble,
    start_peter: StartPeter,
    running_peters: list[Peter],
) -> Iterator[Estate]:
    """Two lineages, ECDSA with two versions and RSA; accounts at two servers, one unknown."""
    stop_all(running_peters)  # the ports may be Certbot's
    pebble = Pebble(Options(), tmp_path_factory.mktemp("pebble"), dns.port, free_port())
    certbot = Certbot(pebble, tmp_path_factory.mktemp("certbot"))
    certbot.register()
    certbot.certonly(RENEWED)
    certbot.certonly(RENEWED, "--force-renewal")
    certbot.certonly(RSA, "--key-type", "rsa", "-d", f"www.{RSA}")
    Certbot(start_pebble(Options()), certbot.folder).register()
    peter = start_peter(pebble, server={"public_listen": f"127.0.0.1:{pebble.challenge_port}"})
    yield Estate(peter, certbot.folder / "config")
    peter.stop()
    pebble.stop()


def test_live_then_archive_then_again(estate: Estate) -> None:
    live = ("import-certbot-certs-live", "--live-path", estate.config / "live")
    archive = ("import-certbot-certs-archive", "--archive-path", estate.config / "archive")
    assert estate.run(*live) == (0, "2 imported, 0 already there, 0 failed, 0 skipped.\n", "")
    assert estate.run(*archive) == (0, "1 imported, 2 already there, 0 failed, 0 skipped.\n", "")
    assert estate.run(*archive) == (0, "0 imported, 3 already there, 0 failed, 0 skipped.\n", "")
    pages = estate.peter.get("/certificate-signeds/all")
    assert pages["pagination"]["total_items"] == 3
    # One version, and one folder, by themselves.
    version = ("--domain-certs-path", estate.config / "archive" / RENEWED)
    plain = ("--cert-path", estate.config / "live" / RSA)
    for name, *options in (
        ("import-certbot-cert-version", *version, "--certificate-version", "2"),
        ("import-certbot-cert-plain", *plain),
    ):
        status, out, _ = estate.run(name, *options)
        assert (status, out) == (0, "0 imported, 1 already there, 0 failed, 0 skipped.\n")


def test_accounts_are_imported_and_peter_renews_with_them(estate: Estate) -> None:
    everything = ("--accounts-path-all", estate.config / "accounts")
    status, out, err = estate.run("import-certbot-accounts-all", *everything)
    assert (status, out) == (1, "1 imported, 0 already there, 1 failed, 0 skipped.\n")
    assert "account_key_file_le_reg: The account is at" in err
    assert "which is the server of no enabled AcmeAccountProvider." in err
    older = ("--accounts-all-path", *everything[1:])
    _, out, _ = estate.run("import-certbot-accounts-all", *older)
    assert out == "0 imported, 1 already there, 1 failed, 0 skipped.\n"
    known = estate.peter.ca.directory_url.split("/")[2]
    server = estate.config / "accounts" / known
    account = next(server.glob("*/*"))
    for name, option, path in (
        ("import-certbot-accounts-server", "--accounts-path-server", server),
        ("import-certbot-account", "--account-path", account),
    ):
        status, out, _ = estate.run(name, option, path, "--contact", CONTACT)
        assert (status, out) == (0, "0 imported, 1 already there, 0 failed, 0 skipped.\n")
    imported = next(iter(estate.peter.get("/acme-accounts")["AcmeAccounts"].values()))
    estate.run("import-certbot-certs-live", "--live-path", estate.config / "live")
    before = latest(estate)
    assert before
    estate.peter.posted(f"/acme-account/{imported['id']}/mark", action="global_default")
    order = estate.peter.order([RENEWED])
    assert order["acme_status_order"] == "valid"
    assert order["AcmeAccount"]["id"] == imported["id"]
    after = latest(estate)
    assert after == order["certificate_signed_id"] != before


def test_bad_folders_are_told_and_the_others_imported(estate: Estate, tmp_path: Path) -> None:
    ca, unknown = Ca("Tasks"), Ca("Unknown")
    for name in ("chainless", "good", "otherkey", "unreadable"):
        signer = unknown if name == "chainless" else ca
        (tmp_path / name).mkdir()
        for kind, content in files(signer, signer.leaf(f"{name}.example.com")):
            (tmp_path / name / f"{kind}1.pem").write_bytes(content)
    for kind in ("chain", "fullchain"):
        (tmp_path / "chainless" / f"{kind}1.pem").unlink()
    (tmp_path / "good" / "cert1.pem").unlink()  # it stands in the full chain as well
    shutil.copy(tmp_path / "good" / "privkey1.pem", tmp_path / "otherkey" / "privkey1.pem")
    link = tmp_path / "unreadable" / "privkey1.pem"
    link.unlink()
    link.symlink_to("gone.pem")
    (tmp_path / "stray.txt").write_text("?")
    status, out, err = estate.run("import-certbot-certs-archive", "--archive-path", tmp_path)
    assert (status, out) == (1, "1 imported, 0 already there, 3 failed, 1 skipped.\n"), err
    told = err.splitlines()
    assert [line.split(":")[0] for line in told] == ["failed", "failed", "skipped", "failed"]
    assert "chainless" in told[0]
    assert "chain_file" in told[0]
    assert "private_key_file_pem" in told[1]
    assert told[3].endswith("privkey1.pem is missing (a link to nothing)")


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ("ftp://127.0.0.1", "must begin with http"),
        ("http://peter.example.com", "private keys go there by https"),
        ("http://127.0.0.1:{port}" + ADMIN, "no answer from the server"),
    ],
)
def test_no_server_to_send_to(root: str, reason: str, tmp_path: Path) -> None:
    ca = Ca("Nobody")
    for kind, content in files(ca, ca.leaf("nobody.example.com")):
        (tmp_path / f"{kind}.pem").write_bytes(content)
    root = root.replace("{port}", str(free_port()))
    done = invoke(root, "import-certbot-cert-plain", "--cert-path", tmp_path)
    assert done.returncode == 1
    assert reason in done.stderr


def test_a_server_that_is_not_peters_admin_is_not_asked_for_ever(
    estate: Estate, tmp_path: Path
) -> None:
    certbot_tree(tmp_path, Ca("Wrong"), 5)
    root = estate.peter.url.removesuffix("/admin")
    done = invoke(root, "import-certbot-certs-live", "--live-path", tmp_path / "live")
    assert done.returncode == 1
    assert done.stdout == "0 imported, 0 already there, 3 failed, 0 skipped. 2 not tried.\n"
    assert "the server answers 404 Not Found" in done.stderr


def test_the_tasks_import_nothing_of_peter() -> None:
    for name in ("tasks.py", "certbot_files.py"):
        for node in ast.walk(ast.parse((TOOLS / name).read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert "peter_sslers" not in ast.unparse(node)
