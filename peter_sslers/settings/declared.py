"""Every option of the .ini, declared once: name, type, default, help; page, docs, checks follow."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError
from . import kinds
from .checks import together, unknown_names
from .option import Option, Reading, mask_url, mask_userpass, option, options_of

log = logging.getLogger(__name__)

ENABLED = "Enabled Options"
VIEWS = "Views Configuration"
ACCESS = "Access Configuration"
CERTIFICATE = "Certificate Configuration"
AUTOCERT = "Autocert Configuration"
REDIS = "Redis Configuration"
NGINX = "NGINX Configuration"
SQLALCHEMY = "SqlAlchemy Configuration"


@dataclass(frozen=True, repr=False)
class Settings:
    """What `[app:main]` says, checked and typed."""

    enable_views_public: bool = option(
        ENABLED, kinds.BOOLEAN, False, "Serve the challenges and the public whoami."
    )
    enable_views_admin: bool = option(ENABLED, kinds.BOOLEAN, False, "Serve the admin.")
    enable_acme_flow: bool = option(
        ENABLED, kinds.BOOLEAN, False, "Serve the pages of AcmeOrderless; off, they answer 404."
    )
    enable_redis: bool = option(
        ENABLED, kinds.BOOLEAN, False, "Write certificates and keys into Redis for the edge."
    )
    enable_nginx: bool = option(
        ENABLED, kinds.BOOLEAN, False, "Tell the nginx servers of the pool to drop what they hold."
    )
    block_competing_challenges: bool = option(
        ENABLED, kinds.BOOLEAN, True, "A domain may have only one active challenge at a time."
    )

    admin_prefix: str = option(
        VIEWS, kinds.PATH, "/.well-known/admin", "The path of the admin; all its pages are below."
    )
    admin_server: str | None = option(
        VIEWS,
        kinds.TEXT,
        None,
        "The admin's host as pages show it.",
        default_text="the request's Host",
    )
    admin_url: str | None = option(
        VIEWS,
        kinds.URL,
        None,
        "The admin's address in displayed instructions.",
        default_text="api_host and admin_prefix",
    )
    api_host: str | None = option(
        VIEWS,
        kinds.BASE_URL,
        None,
        "The base of absolute addresses in redirects and JSON.",
        default_text="the request's scheme and Host",
    )
    exception_redirect: bool = option(
        VIEWS, kinds.BOOLEAN, False, "Accepted for older files. Errors always have a page."
    )
    x_peter_sslers: str = option(
        VIEWS, kinds.header_word(), "production", "The header X-Peter-SSLers of every answer."
    )
    unknown_polls_max: int = option(
        VIEWS,
        kinds.integer(1, 10_000_000),
        2000,
        "How many rows of unknown challenge polls are kept; the oldest go first.",
    )
    requests_disable_ssl_warning: bool = option(
        VIEWS,
        kinds.BOOLEAN,
        False,
        "No warnings about unverified TLS, in the whole process.",
        name="requests.disable_ssl_warning",
    )

    admin_allowed_hosts: tuple[str, ...] = option(
        ACCESS,
        kinds.LIST,
        ("127.0.0.1", "localhost", "::1"),
        "The hosts, without port, under which the admin answers; others are refused, so that no "
        "web page reaches it by DNS rebinding. `*` is any host and needs credentials.",
    )
    admin_userpass_file: str | None = option(
        ACCESS,
        kinds.FILE,
        None,
        "Who may use the admin (HTTP Basic): a file of lines that "
        "`python -m peter_sslers.scripts.admin_user` writes. Without one the admin is for this "
        "machine only.",
    )
    hide_private_keys_in_json: bool = option(
        ACCESS, kinds.BOOLEAN, False, "JSON carries null instead of private keys."
    )

    certificate_authority: str | None = option(
        CERTIFICATE,
        kinds.TEXT,
        None,
        "The name of the default AcmeAccountProvider. Required.",
        default_text="none",
    )
    certificate_authority_directory: str | None = option(
        CERTIFICATE,
        kinds.URL,
        None,
        "The URL of its directory, needed for a provider that is not in the database yet.",
        default_text="none",
    )
    certificate_authority_protocol: str | None = option(
        CERTIFICATE, kinds.one_of("acme-v2"), None, "Its protocol. Required.", default_text="none"
    )
    certificate_authority_testing: bool = option(
        CERTIFICATE, kinds.BOOLEAN, False, "Do not verify the TLS of the CA. Never in production."
    )
    certificate_authority_ca_bundle: str | None = option(
        CERTIFICATE,
        kinds.PEM_FILE,
        None,
        "PEM certificates that verify the CA's TLS.",
        default_text="the system's",
    )
    certificate_authorities_enable: tuple[str, ...] = option(
        CERTIFICATE, kinds.LIST, (), "Names of more providers to enable."
    )
    certificate_authority_agreement: str | None = option(
        CERTIFICATE, kinds.TEXT, None, "A note: the CA is asked for its terms."
    )
    certificate_authority_endpoint: str | None = option(
        CERTIFICATE, kinds.TEXT, None, "Accepted for older files; ACME v1 is gone."
    )
    cleanup_pending_authorizations: bool = option(
        CERTIFICATE,
        kinds.BOOLEAN,
        True,
        "When an authorization fails, deactivate what is pending of the same order.",
    )
    expiring_days: int = option(
        CERTIFICATE, kinds.integer(0, 36_500), 30, "The horizon of the “expiring” lists, in days."
    )
    days_before_expiry_to_renew: int = option(
        CERTIFICATE,
        kinds.integer(1, 365),
        28,
        "When the queue renews a certificate that has no renewal information of its CA (ARI).",
    )
    queue_domains_max_per_cert: int = option(
        CERTIFICATE, kinds.integer(1, 100), 100, "The most names that the queue of domains orders."
    )
    queue_domains_min_per_cert: int = option(
        CERTIFICATE, kinds.integer(1, 100), 1, "The fewest names that it orders."
    )
    upload_bulk_max_mib: int = option(
        CERTIFICATE,
        kinds.integer(1, 1024),
        32,
        "How large a body `certificate-signed/upload-bulk` takes, in MiB.",
    )
    upload_bulk_unpacked_max_mib: int = option(
        CERTIFICATE,
        kinds.integer(1, 16_384),
        256,
        "How large all files of a zip in it may be when they are unpacked, in MiB.",
    )
    upload_bulk_member_max_kib: int = option(
        CERTIFICATE,
        kinds.integer(1, 4096),
        256,
        "How large one file in it may be, in KiB.",
    )
    aia_private_addresses: bool = option(
        CERTIFICATE,
        kinds.BOOLEAN,
        False,
        "`api/reconcile-cas` may ask private addresses, too: for a CA of your own network.",
    )
    acme_timeout_s: float = option(
        CERTIFICATE, kinds.SECONDS, 30.0, "How long one request to the CA may take, in seconds."
    )
    acme_wait_s: float = option(
        CERTIFICATE,
        kinds.SECONDS,
        60.0,
        "How long one of our pages waits for the CA to finish something, in seconds.",
    )
    acme_http01_self_check: bool | None = option(
        CERTIFICATE,
        kinds.BOOLEAN,
        None,
        "Fetch an http-01 challenge ourselves before the CA is told to.",
        default_text="not certificate_authority_testing",
    )
    openssl_path: str = option(
        CERTIFICATE,
        kinds.TEXT,
        "openssl",
        "The openssl binary, used where Python's cryptography is not installed.",
        environ="SSL_BIN_OPENSSL",
    )
    openssl_path_conf: str = option(
        CERTIFICATE,
        kinds.TEXT,
        "/etc/ssl/openssl.cnf",
        "Its configuration file.",
        environ="SSL_CONF_OPENSSL",
    )

    autocert_max_per_hour: int = option(
        AUTOCERT,
        kinds.integer(0, 100_000),
        60,
        "How many orders `api/domain/autocert` makes within an hour; 0 is none at all.",
    )
    autocert_max_per_hour_per_domain: int = option(
        AUTOCERT,
        kinds.integer(1, 100_000),
        5,
        "How many of them for one registered domain, as example.com with all names below.",
    )
    autocert_domains: tuple[str, ...] = option(
        AUTOCERT,
        kinds.NAMES,
        (),
        "It orders for these domains and all names below alone.",
        default_text="any",
    )
    autocert_known_only: bool = option(
        AUTOCERT, kinds.BOOLEAN, False, "It orders for domains alone that are known already."
    )

    redis_url: str | None = option(
        REDIS,
        kinds.TEXT,
        None,
        "`redis://[user:password@]host:port/db`, `rediss://`, `unix://`.",
        name="redis.url",
        default_text="none",
        mask=mask_url,
    )
    redis_prime_style: str | None = option(
        REDIS,
        kinds.TEXT,
        None,
        "How the edge reads: `1` or `2`.",
        name="redis.prime_style",
        default_text="none",
    )
    redis_timeout_certcachain: int | None = option(
        REDIS,
        kinds.EXPIRY,
        None,
        "When chains expire.",
        name="redis.timeout.certcachain",
        aliases=("redis.timeout.certca",),
        default_text="never",
    )
    redis_timeout_cert: int | None = option(
        REDIS,
        kinds.EXPIRY,
        None,
        "When certificates expire.",
        name="redis.timeout.cert",
        default_text="never",
    )
    redis_timeout_pkey: int | None = option(
        REDIS,
        kinds.EXPIRY,
        None,
        "When private keys expire.",
        name="redis.timeout.pkey",
        default_text="never",
    )
    redis_timeout_domain: int | None = option(
        REDIS,
        kinds.EXPIRY,
        None,
        "When domains expire.",
        name="redis.timeout.domain",
        default_text="never",
    )

    nginx_servers_pool: tuple[str, ...] = option(
        NGINX,
        kinds.BASE_URLS,
        (),
        "The servers, asked at the same time.",
        name="nginx.servers_pool",
        mask=mask_url,
    )
    nginx_servers_pool_allow_invalid: bool = option(
        NGINX,
        kinds.BOOLEAN,
        False,
        "Do not verify their TLS.",
        name="nginx.servers_pool_allow_invalid",
    )
    nginx_ca_bundle_pem: str | None = option(
        NGINX,
        kinds.PEM_FILE,
        None,
        "PEM certificates that their TLS is verified by.",
        name="nginx.ca_bundle_pem",
        default_text="the system's",
    )
    nginx_userpass: str | None = option(
        NGINX,
        kinds.USERPASS,
        None,
        "HTTP Basic for all of them.",
        name="nginx.userpass",
        mask=mask_userpass,
    )
    nginx_timeout: float = option(
        NGINX,
        kinds.seconds_or(3.0),
        3.0,
        "How long one of them may take to answer.",
        name="nginx.timeout",
    )
    nginx_reset_path: str = option(
        NGINX,
        kinds.PATH_OR_BLANK,
        "/.peter_sslers/nginx/shared_cache/expire",
        "Their path for dropping; `/all` or `/domain/NAME` is appended.",
        name="nginx.reset_path",
    )
    nginx_status_path: str = option(
        NGINX,
        kinds.PATH_OR_BLANK,
        "/.peter_sslers/nginx/shared_cache/status",
        "Their path for the state of the cache.",
        name="nginx.status_path",
    )

    sqlalchemy_url: str | None = option(
        SQLALCHEMY,
        kinds.TEXT,
        None,
        "The database. Every other `sqlalchemy.X` is an argument X of create_engine. Required.",
        name="sqlalchemy.url",
        default_text="none",
        mask=mask_url,
    )

    @classmethod
    def from_ini(cls, raw: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Settings:
        """Read `[app:main]`. Raises one SettingsError that tells all that is wrong."""
        reading = Reading(raw, os.environ if environ is None else environ)
        settings = cls(**{name: reading.value(found) for name, found in _DECLARED.items()})
        if settings.acme_http01_self_check is None:
            checks = not settings.certificate_authority_testing
            settings = dataclasses.replace(settings, acme_http01_self_check=checks)
        wrong = [*reading.wrong.values(), *together(settings, reading.wrong)]
        if wrong:
            raise SettingsError("The .ini is wrong:\n" + "\n".join(f"  {line}" for line in wrong))
        for note in (*reading.notes, *unknown_names(raw, OPTIONS)):
            log.warning(note)
        return settings

    def by_name(self) -> dict[str, Any]:
        """{name in the .ini: value}: lists are lists."""
        values = {found.name: getattr(self, attr) for attr, found in _DECLARED.items()}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def __repr__(self) -> str:
        shown = (f"{n}={o.shown(getattr(self, n))!r}" for n, o in _DECLARED.items())
        return f"Settings({', '.join(shown)})"


_DECLARED = options_of(Settings)
OPTIONS: list[Option] = list(_DECLARED.values())
