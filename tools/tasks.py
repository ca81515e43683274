"""What Certbot has, brought to a running Peter: `invoke` tasks that speak its JSON.

Needs invoke, requests and certbot_files.py beside it, and nothing of Peter: it can be copied to the
server that has the files.
Files are sent in the body of a request; nothing of them is printed.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from certbot_files import (
    ACCOUNT_FILES,
    Account,
    Certificate,
    Item,
    NotImportable,
    Odd,
    Outcome,
    accounts,
    archived,
    content,
    live,
)
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

SERVER_ROOT = "PETER_SSLERS_SERVER_ROOT"
USERPASS = "PETER_SSLERS_USERPASS"
TIMEOUT_S = 120
NOT_LET_IN = (401, 403, 404, 405)
PATIENCE = 3  # requests in a row that find no Peter, before the rest is left

SERVER_HELP = f"Peter's admin, http…/.well-known/admin; without it: ${SERVER_ROOT}"
PLAIN_HELP = "send private keys over plain http to another machine"
HELP = {"server-url-root": SERVER_HELP, "allow-plain-http": PLAIN_HELP}
CONTACT_HELP = "e-mail address of accounts in whose files there is none, as Certbot 2 writes them"


class Unreachable(NotImportable):
    """There is no answer at all, or a server that is not Peter or does not let us in."""


class Peter:
    """A client of Peter's admin."""

    def __init__(self, root: str, *, allow_plain_http: bool = False, contact: str = "") -> None:
        self._root = checked_root(root or os.environ.get(SERVER_ROOT, ""), allow_plain_http)
        self._contact = contact
        self._http = requests.Session()
        # Keys are for nobody on the way: no proxy of the environment gets to see them.
        self._http.trust_env = False
        self._http.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        name, colon, password = os.environ.get(USERPASS, "").partition(":")
        if colon:
            self._http.auth = (name, password)

    def send(self, item: Certificate | Account) -> tuple[Outcome, list[str]]:
        """What became of it, with Peter's notes. Raises NotImportable."""
        if isinstance(item, Account):
            return self._send_account(item)
        return self._send_certificate(item)

    def _send_certificate(self, item: Certificate) -> tuple[Outcome, list[str]]:
        leaf, chain, whole = map(item.file, ("cert", "chain", "fullchain"))
        files = {"private_key_file_pem": content(item.file("privkey"))}
        if leaf.exists() and chain.exists():
            files["chain_file"] = content(chain)
        elif whole.exists():
            leaf = whole
        files["certificate_file"] = content(leaf)  # without a chain Peter may know the CA
        said = self._post("/certificate-signed/upload.json", files, {})
        created = said.get("CertificateSigned", {}).get("created")
        notes = [str(note) for note in said.get("notes", [])]
        return (Outcome.IMPORTED if created else Outcome.ALREADY_THERE), notes

    def _send_account(self, item: Account) -> tuple[Outcome, list[str]]:
        files = {field: content(item.folder / name) for field, name in ACCOUNT_FILES.items()}
        fields = {
            "account__private_key_cycle": "single_certificate",
            "account__private_key_technology": "RSA",
        }
        if self._contact:
            fields["account__contact"] = self._contact
        said = self._post("/acme-account/upload.json", files, fields)
        return (Outcome.IMPORTED if said.get("is_created") else Outcome.ALREADY_THERE), []

    def _post(self, path: str, files: dict[str, bytes], fields: dict[str, str]) -> dict[str, Any]:
        parts = {field: (f"{field}.txt", sent) for field, sent in files.items()}
        try:
            # A redirect would carry the key to wherever it says.
            answer = self._http.post(
                self._root + path,
                data=fields,
                files=parts,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as exc:
            raise Unreachable(f"no answer from the server ({type(exc).__name__})") from exc
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status_code in NOT_LET_IN:
            raise Unreachable(f"the server answers {answer.status_code} {answer.reason}")
        if not isinstance(said, dict):
            raise NotImportable(f"the server answers {answer.status_code} without JSON")
        if answer.status_code != 200 or said.get("result") != "success":
            raise NotImportable(reason_of(said) or f"the server answers {answer.status_code}")
        return said


def checked_root(root: str, allow_plain_http: bool) -> str:
    """Without a trailing slash. Raises Exit for what is no address to send keys to."""
    if not root.startswith(("http://", "https://")):
        raise Exit(f"--server-url-root or ${SERVER_ROOT} must begin with http", code=1)
    try:
        host = urlsplit(root).hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise Exit("--server-url-root names no host", code=1)
    if root.startswith("http://") and not (is_loopback(host) or allow_plain_http):
        text = f"{host} is another machine: private keys go there by https, or --allow-plain-http"
        raise Exit(text, code=1)
    return root.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reason_of(said: dict[str, Any]) -> str:
    errors = said.get("form_errors")
    if not isinstance(errors, dict) or not errors:
        return str(said.get("error") or "")
    # The main one says only that there are others, if there are.
    fields = {field: text for field, text in errors.items() if field != "Error_Main"} or errors
    return " ".join(f"{field}: {text}" for field, text in fields.items())


def directory(path: str) -> Path:
    found = Path(path).expanduser()
    if not path or not found.is_dir():
        raise Exit(f"{printable(path) or 'the path'}: no such folder", code=1)
    return found


class Report:
    """Counts; tells failures as they come; a bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self.count: Counter[Outcome] = Counter()
        self._total = total
        self._bar = sys.stderr.isatty()

    def add(self, item: Item, outcome: Outcome, *texts: str) -> None:
        self.count[outcome] += 1
        word = "note" if outcome in {Outcome.IMPORTED, Outcome.ALREADY_THERE} else outcome
        for text in texts:
            self.tell(f"{word}: {item.name}: {text}")
        self._draw()

    def tell(self, text: str) -> None:
        self._clear()
        sys.stderr.write(printable(text) + "\n")

    def summary(self) -> str:
        self._clear()
        return ", ".join(f"{self.count[outcome]:,} {outcome}" for outcome in Outcome) + "."

    def _draw(self) -> None:
        if self._bar:
            done = self.count.total()
            bar = "#" * (30 * done // max(self._total, 1))
            sys.stderr.write(f"\r[{bar:<30}] {done:,}/{self._total:,}\033[K")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._bar:
            sys.stderr.write("\r\033[K")


def printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def run(peter: Peter, found: Iterable[Item]) -> None:
    """Send all; what fails stops nothing. Raises Exit with status 1 if something failed."""
    items = list(found)
    report = Report(len(items))
    silent = 0
    for item in items:
        if isinstance(item, Odd):
            report.add(item, item.outcome, item.reason)
            continue
        try:
            outcome, notes = peter.send(item)
            report.add(item, outcome, *notes)
            silent = 0
        except NotImportable as exc:
            report.add(item, Outcome.FAILED, str(exc))
            silent = silent + 1 if isinstance(exc, Unreachable) else 0
        if silent == PATIENCE:
            report.tell("There seems to be no Peter, or none that lets us in: the rest is left.")
            break
    left = len(items) - report.count.total()
    sys.stdout.write(report.summary() + (f" {left:,} not tried.\n" if left else "\n"))
    if report.count[Outcome.FAILED]:
        raise Exit(code=1)
    if report.count[Outcome.SKIPPED] == len(items):
        raise Exit("There is nothing to import.", code=1)


@task(help={**HELP, "archive-path": "usually /etc/letsencrypt/archive"})
def import_certbot_certs_archive(
    _: Context, archive_path: str, server_url_root: str = "", allow_plain_http: bool = False
) -> None:
    """Every version of every certificate of an archive."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http)
    run(peter, archived(directory(archive_path)))


@task(help={**HELP, "live-path": "usually /etc/letsencrypt/live"})
def import_certbot_certs_live(
    _: Context, live_path: str, server_url_root: str = "", allow_plain_http: bool = False
) -> None:
    """The current version of every certificate."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http)
    run(peter, live(directory(live_path)))


@task(
    help={
        **HELP,
        "domain-certs-path": "one folder of the archive",
        "certificate-version": "the number in the names of its files",
    }
)
def import_certbot_cert_version(
    _: Context,
    domain_certs_path: str,
    certificate_version: str,
    server_url_root: str = "",
    allow_plain_http: bool = False,
) -> None:
    """One version of one certificate of the archive."""
    if not re.fullmatch(r"[0-9]{1,9}", certificate_version):
        raise Exit("--certificate-version must be a number", code=1)
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http)
    run(peter, [Certificate(directory(domain_certs_path), certificate_version)])


@task(help={**HELP, "cert-path": "a folder with cert.pem, chain.pem, privkey.pem"})
def import_certbot_cert_plain(
    _: Context, cert_path: str, server_url_root: str = "", allow_plain_http: bool = False
) -> None:
    """One certificate, whose files have no number in their names."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http)
    run(peter, [Certificate(directory(cert_path))])


@task(help={**HELP, "account-path": "accounts/SERVER/directory/ACCOUNT", "contact": CONTACT_HELP})
def import_certbot_account(
    _: Context,
    account_path: str,
    contact: str = "",
    server_url_root: str = "",
    allow_plain_http: bool = False,
) -> None:
    """One account."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http, contact=contact)
    run(peter, [Account(directory(account_path))])


@task(help={**HELP, "accounts-path-server": "accounts/SERVER", "contact": CONTACT_HELP})
def import_certbot_accounts_server(
    _: Context,
    accounts_path_server: str,
    contact: str = "",
    server_url_root: str = "",
    allow_plain_http: bool = False,
) -> None:
    """Every account at one server."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http, contact=contact)
    run(peter, accounts(directory(accounts_path_server)))


@task(
    help={
        **HELP,
        "accounts-path-all": "usually /etc/letsencrypt/accounts",
        "accounts-all-path": "its older name",
        "contact": CONTACT_HELP,
    }
)
def import_certbot_accounts_all(
    _: Context,
    accounts_path_all: str = "",
    accounts_all_path: str = "",
    contact: str = "",
    server_url_root: str = "",
    allow_plain_http: bool = False,
) -> None:
    """Every account at every server."""
    peter = Peter(server_url_root, allow_plain_http=allow_plain_http, contact=contact)
    run(peter, accounts(directory(accounts_path_all or accounts_all_path)))
