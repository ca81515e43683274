"""Every table, as they were at the beginning."""

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A copy of the tables of that time: the models move on, this does not.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG_ID = BigInteger().with_variant(Integer, "sqlite")
MOMENT = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def ascii_string(length: int) -> Any:
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


URL = ascii_string(2048)
NAME = ascii_string(255).with_variant(String(255, collation="C"), "postgresql")
TOKEN = ascii_string(255)
WORD = String(64)


def number() -> Column[Any]:
    return Column("id", BIG_ID, primary_key=True, autoincrement=True)


def must(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def may(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=True)


def ref(name: str, target: str, *, null: bool = False, use_alter: bool = False) -> Column[Any]:
    key = ForeignKey(f"{target}.id", use_alter=use_alter)
    return Column(name, BIG_ID, key, nullable=null)


def key_ref(name: str, target: str) -> Column[Any]:
    return Column(name, BIG_ID, ForeignKey(f"{target}.id"), primary_key=True)


def index(*columns: str) -> Index:
    return Index(None, *columns)


def index_if_set(column: str) -> Index:
    is_set = text(f"{column} IS NOT NULL")
    return Index(None, column, "id", sqlite_where=is_set, postgresql_where=is_set)


def unique_where(flag: str, *columns: str) -> Index:
    where = text(flag)
    found = Index(None, *columns, unique=True, sqlite_where=where, postgresql_where=where)
    # MariaDB has no partial indexes.
    return found.ddl_if(
        callable_=lambda *_, dialect, **__: dialect.name in {"sqlite", "postgresql"}
    )


def index_of_text(column: str) -> Index:
    return Index(None, column, postgresql_using="hash", mysql_length=191, mariadb_length=191)


Table(
    "acme_account_provider",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    must("name", String(32)),
    may("endpoint", URL),
    may("directory", URL),
    must("server", String(255)),
    may("is_default", Boolean()),
    may("is_enabled", Boolean()),
    must("protocol", String(32)),
    must("is_eab_required", Boolean()),
    may("ca_bundle_pem", Text()),
    may("profiles", Text()),
    UniqueConstraint("directory"),
    UniqueConstraint("endpoint"),
    UniqueConstraint("name"),
    UniqueConstraint("server"),
    CheckConstraint("(endpoint IS NULL) <> (directory IS NULL)", name="endpoint_or_directory"),
    CheckConstraint("protocol IN ('acme-v1', 'acme-v2')", name="protocol"),
    unique_where("is_default", "is_default"),
)

Table(
    "domain_blocklisted",
    metadata,
    number(),
    must("domain_name", NAME),
    UniqueConstraint("domain_name"),
    CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),
)

Table(
    "operations_event",
    metadata,
    number(),
    must("operations_event_type", WORD),
    may("timestamp_event", MOMENT),
    must("event_payload", Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")),
    ref("operations_event_id__child_of", "operations_event", null=True),
    index_if_set("operations_event_id__child_of"),
    index("operations_event_type", "id"),
    index("timestamp_event"),
)

Table(
    "remote_ip_address",
    metadata,
    number(),
    must("remote_ip_address", String(255)),
    must("timestamp_created", MOMENT),
    UniqueConstraint("remote_ip_address"),
)

Table(
    "root_store",
    metadata,
    number(),
    must("name", String(255)),
    must("timestamp_created", MOMENT),
    UniqueConstraint("name"),
)

Table(
    "acme_account",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    may("contact", String(255)),
    may("terms_of_service", URL),
    may("account_url", URL),
    may("count_acme_orders", Integer()),
    may("count_certificate_signeds", Integer()),
    may("timestamp_last_certificate_request", MOMENT),
    may("timestamp_last_certificate_issue", MOMENT),
    may("timestamp_last_authenticated", MOMENT),
    must("is_active", Boolean()),
    may("is_global_default", Boolean()),
    ref("acme_account_provider_id", "acme_account_provider"),
    must("private_key_cycle", WORD),
    must("private_key_technology", WORD),
    may("timestamp_deactivated", MOMENT),
    may("eab_kid", String(255)),
    may("eab_hmac", String(255)),
    may("timestamp_key_change_began", MOMENT),
    may("profile", String(64)),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("account_url"),
    index("acme_account_provider_id", "id"),
    index("contact"),
    unique_where("is_global_default", "is_global_default"),
    index("operations_event_id__created"),
)

Table(
    "acme_challenge_unknown_poll",
    metadata,
    number(),
    must("domain", String(255)),
    must("challenge", TOKEN),
    must("timestamp_polled", MOMENT),
    must("timestamp_first", MOMENT),
    must("count", Integer()),
    ref("remote_ip_address_id", "remote_ip_address"),
    UniqueConstraint("domain", "challenge", "remote_ip_address_id"),
    index("remote_ip_address_id", "id"),
    index("timestamp_polled"),
)

Table(
    "acme_dns_server",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    must("is_active", Boolean()),
    may("is_global_default", Boolean()),
    must("root_url", URL),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("root_url"),
    unique_where("is_global_default", "is_global_default"),
    index("operations_event_id__created"),
)

Table(
    "certificate_ca",
    metadata,
    number(),
    must("display_name", String(255)),
    may("is_trusted_root", Boolean()),
    must("key_technology", WORD),
    must("cert_pem", Text()),
    must("cert_pem_md5", String(32)),
    must("spki_sha256", String(64)),
    must("fingerprint_sha1", String(64)),
    may("fingerprint_sha256", String(64)),
    must("timestamp_not_before", MOMENT),
    must("timestamp_not_after", MOMENT),
    must("cert_subject", Text()),
    must("cert_issuer", Text()),
    may("cert_issuer_uri", Text()),
    may("cert_authority_key_identifier", Text()),
    may("subject_key_identifier", String(255)),
    may("cert_issuer__reconciled", Boolean()),
    ref("cert_issuer__certificate_ca_id", "certificate_ca", null=True),
    may("reconciled_uris", Text()),
    may("count_active_certificates", Integer()),
    ref("signed_by__certificate_ca_id", "certificate_ca", null=True),
    ref("cross_signed_by__certificate_ca_id", "certificate_ca", null=True),
    must("timestamp_created", MOMENT),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("cert_pem_md5"),
    index_of_text("cert_issuer"),
    index_if_set("cert_issuer__certificate_ca_id"),
    index_of_text("cert_subject"),
    index_if_set("cross_signed_by__certificate_ca_id"),
    index("fingerprint_sha1"),
    index("fingerprint_sha256"),
    index("operations_event_id__created"),
    index_if_set("signed_by__certificate_ca_id"),
    index("spki_sha256"),
    index("subject_key_identifier"),
)

Table(
    "root_store_version",
    metadata,
    number(),
    ref("root_store_id", "root_store"),
    must("version_string", String(255)),
    must("timestamp_created", MOMENT),
    UniqueConstraint("root_store_id", "version_string"),
)

Table(
    "unique_fqdn_set",
    metadata,
    number(),
    must("domain_ids_string", Text()),
    must("domain_ids_sha256", String(64)),
    must("count_domains", Integer()),
    must("timestamp_created", MOMENT),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("domain_ids_sha256"),
    index("operations_event_id__created"),
)

Table(
    "acme_account_key",
    metadata,
    number(),
    ref("acme_account_id", "acme_account"),
    may("is_active", Boolean()),
    must("timestamp_created", MOMENT),
    may("timestamp_deactivated", MOMENT),
    must("key_technology", WORD),
    may("key_pem", Text()),
    must("key_pem_md5", String(32)),
    must("spki_sha256", String(64)),
    must("acme_account_key_source", WORD),
    ref("operations_event_id__created", "operations_event"),
    unique_where("is_active", "acme_account_id"),
    index("acme_account_id", "id"),
    index("key_pem_md5"),
    index("operations_event_id__created"),
    index("spki_sha256"),
)

Table(
    "acme_orderless",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    may("timestamp_finalized", MOMENT),
    may("timestamp_updated", MOMENT),
    must("is_processing", Boolean()),
    ref("acme_account_id", "acme_account", null=True),
    index("acme_account_id", "id"),
    index("is_processing", "id"),
)

Table(
    "certificate_ca_chain",
    metadata,
    number(),
    must("display_name", String(255)),
    must("timestamp_created", MOMENT),
    must("chain_pem", Text()),
    must("chain_pem_md5", String(32)),
    must("chain_length", Integer()),
    ref("certificate_ca_0_id", "certificate_ca"),
    ref("certificate_ca_n_id", "certificate_ca"),
    must("certificate_ca_ids_string", String(255)),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("chain_pem_md5"),
    index("certificate_ca_0_id", "id"),
    index("certificate_ca_n_id", "id"),
    index("operations_event_id__created"),
)

Table(
    "certificate_ca_preference",
    metadata,
    number(),
    must("slot", Integer()),
    ref("certificate_ca_id", "certificate_ca"),
    UniqueConstraint("certificate_ca_id"),
    UniqueConstraint("slot"),
)

Table(
    "certificate_ca_reconciliation",
    metadata,
    number(),
    must("timestamp_operation", MOMENT),
    ref("certificate_ca_id", "certificate_ca"),
    may("result", Boolean()),
    ref("certificate_ca_id__issuer__reconciled", "certificate_ca", null=True),
    index("certificate_ca_id", "id"),
    index("certificate_ca_id__issuer__reconciled", "id"),
)

Table(
    "private_key",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    must("key_technology", WORD),
    must("key_pem", Text()),
    must("key_pem_md5", String(32)),
    must("spki_sha256", String(64)),
    may("count_active_certificates", Integer()),
    must("is_active", Boolean()),
    may("is_compromised", Boolean()),
    may("count_acme_orders", Integer()),
    may("count_certificate_signeds", Integer()),
    may("timestamp_last_certificate_request", MOMENT),
    may("timestamp_last_certificate_issue", MOMENT),
    must("private_key_source", WORD),
    must("private_key_type", WORD),
    ref("acme_account_id__owner", "acme_account", null=True),
    ref("private_key_id__replaces", "private_key", null=True),
    may("calendar_key", String(64)),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("calendar_key"),
    UniqueConstraint("spki_sha256"),
    index_if_set("acme_account_id__owner"),
    index("is_active", "id"),
    index("key_pem_md5"),
    index("operations_event_id__created"),
    index_if_set("private_key_id__replaces"),
    index("private_key_type", "timestamp_created"),
)

Table(
    "root_store_version_2_certificate_ca",
    metadata,
    number(),
    ref("root_store_version_id", "root_store_version"),
    ref("certificate_ca_id", "certificate_ca"),
    UniqueConstraint("root_store_version_id", "certificate_ca_id"),
    index("certificate_ca_id", "id"),
)

Table(
    "certificate_request",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    must("certificate_request_source", WORD),
    must("csr_pem", Text()),
    must("csr_pem_md5", String(32)),
    must("spki_sha256", String(64)),
    must("key_technology", WORD),
    ref("private_key_id", "private_key", null=True),
    ref("unique_fqdn_set_id", "unique_fqdn_set"),
    ref("operations_event_id__created", "operations_event"),
    index("csr_pem_md5"),
    index("operations_event_id__created"),
    index("private_key_id", "id"),
    index("spki_sha256"),
    index("unique_fqdn_set_id", "id"),
)

Table(
    "certificate_signed",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    must("timestamp_not_before", MOMENT),
    must("timestamp_not_after", MOMENT),
    may("is_single_domain_cert", Boolean()),
    must("key_technology", WORD),
    must("cert_pem", Text()),
    must("cert_pem_md5", String(32)),
    must("spki_sha256", String(64)),
    must("fingerprint_sha1", String(64)),
    must("fingerprint_sha256", String(64)),
    must("serial", String(64)),
    must("cert_subject", Text()),
    must("cert_issuer", Text()),
    must("is_active", Boolean()),
    may("is_deactivated", Boolean()),
    may("is_revoked", Boolean()),
    may("is_compromised_private_key", Boolean()),
    ref("unique_fqdn_set_id", "unique_fqdn_set"),
    may("timestamp_revoked_upstream", MOMENT),
    ref("private_key_id", "private_key"),
    ref("certificate_request_id", "certificate_request", null=True),
    may("timestamp_ari_window_start", MOMENT),
    may("timestamp_ari_window_end", MOMENT),
    may("timestamp_ari_retry_after", MOMENT),
    may("ari_explanation_url", Text()),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("cert_pem_md5"),
    index_of_text("cert_issuer"),
    index_of_text("cert_subject"),
    index_if_set("certificate_request_id"),
    index("fingerprint_sha1"),
    index("fingerprint_sha256"),
    index("is_active", "id"),
    index("is_active", "timestamp_not_after"),
    index("operations_event_id__created"),
    index("private_key_id", "id"),
    index("serial"),
    index("spki_sha256"),
    index("timestamp_ari_retry_after"),
    index("timestamp_not_after", "id"),
    index("unique_fqdn_set_id", "id"),
    index("unique_fqdn_set_id", "is_active", "timestamp_not_after"),
)

Table(
    "acme_order",
    metadata,
    number(),
    may("is_processing", Boolean()),
    may("is_auto_renew", Boolean()),
    may("is_renewed", Boolean()),
    must("is_save_alternate_chains", Boolean()),
    must("timestamp_created", MOMENT),
    must("acme_order_type", WORD),
    must("acme_status_order", WORD),
    must("acme_order_processing_strategy", WORD),
    must("acme_order_processing_status", WORD),
    may("order_url", URL),
    may("finalize_url", URL),
    may("certificate_url", URL),
    may("timestamp_expires", MOMENT),
    may("timestamp_updated", MOMENT),
    must("private_key_cycle__renewal", WORD),
    must("private_key_strategy__requested", WORD),
    may("private_key_strategy__final", WORD),
    ref("acme_event_log_id", "acme_event_log", null=True, use_alter=True),
    may("timestamp_finalized", MOMENT),
    ref("acme_account_id", "acme_account"),
    ref("certificate_request_id", "certificate_request", null=True),
    ref("certificate_signed_id", "certificate_signed", null=True),
    ref("private_key_id__requested", "private_key"),
    ref("private_key_id", "private_key"),
    ref("unique_fqdn_set_id", "unique_fqdn_set"),
    ref("acme_order_id__retry_of", "acme_order", null=True),
    ref("acme_order_id__renewal_of", "acme_order", null=True),
    ref("certificate_signed_id__renewal_of", "certificate_signed", null=True),
    may("lease_until", MOMENT),
    may("lease_owner", String(255)),
    may("profile", String(64)),
    may("replaces", String(255)),
    may("error", Text()),
    may("timestamp_retry_after", MOMENT),
    UniqueConstraint("order_url"),
    index("acme_account_id", "id"),
    index_if_set("acme_event_log_id"),
    index_if_set("acme_order_id__renewal_of"),
    index_if_set("acme_order_id__retry_of"),
    index("acme_status_order", "id"),
    index_if_set("certificate_request_id"),
    index_if_set("certificate_signed_id"),
    index_if_set("certificate_signed_id__renewal_of"),
    index("is_processing", "lease_until"),
    index("private_key_id", "id"),
    index("private_key_id__requested", "id"),
    index("unique_fqdn_set_id", "id"),
)

Table(
    "certificate_signed_chain",
    metadata,
    number(),
    ref("certificate_signed_id", "certificate_signed"),
    ref("certificate_ca_chain_id", "certificate_ca_chain"),
    may("is_upstream_default", Boolean()),
    UniqueConstraint("certificate_signed_id", "certificate_ca_chain_id"),
    index("certificate_ca_chain_id", "id"),
    unique_where("is_upstream_default", "certificate_signed_id"),
)

Table(
    "domain",
    metadata,
    number(),
    must("domain_name", NAME),
    must("is_active", Boolean()),
    must("timestamp_created", MOMENT),
    may("is_from_queue_domain", Boolean()),
    ref("certificate_signed_id__latest_single", "certificate_signed", null=True),
    ref("certificate_signed_id__latest_multi", "certificate_signed", null=True),
    ref("operations_event_id__created", "operations_event"),
    UniqueConstraint("domain_name"),
    CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),
    index_if_set("certificate_signed_id__latest_multi"),
    index_if_set("certificate_signed_id__latest_single"),
    index("is_active", "id"),
    index("operations_event_id__created"),
)

Table(
    "acme_authorization",
    metadata,
    number(),
    must("authorization_url", URL),
    must("timestamp_created", MOMENT),
    must("acme_status_authorization", WORD),
    ref("domain_id", "domain", null=True),
    may("timestamp_expires", MOMENT),
    may("timestamp_updated", MOMENT),
    may("wildcard", Boolean()),
    ref("acme_order_id__created", "acme_order"),
    UniqueConstraint("authorization_url"),
    index("acme_order_id__created", "id"),
    index("acme_status_authorization", "id"),
    index("acme_status_authorization", "timestamp_expires"),
    index("domain_id", "id"),
)

Table(
    "acme_challenge_competing",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    ref("domain_id", "domain", null=True),
    index("domain_id", "id"),
)

Table(
    "acme_dns_server_account",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    ref("acme_dns_server_id", "acme_dns_server"),
    ref("domain_id", "domain"),
    may("is_active", Boolean()),
    must("username", String(255)),
    must("password", String(255)),
    must("fulldomain", String(255)),
    must("subdomain", String(255)),
    may("allowfrom", Text()),
    ref("operations_event_id__created", "operations_event"),
    unique_where("is_active", "acme_dns_server_id", "domain_id"),
    index("acme_dns_server_id", "id"),
    index("domain_id", "id"),
    index("operations_event_id__created"),
)

Table(
    "acme_order_submission",
    metadata,
    number(),
    ref("acme_order_id", "acme_order", null=True),
    must("timestamp_created", MOMENT),
    index("acme_order_id", "id"),
)

Table(
    "domain_autocert",
    metadata,
    number(),
    ref("domain_id", "domain"),
    must("timestamp_created", MOMENT),
    may("timestamp_finished", MOMENT),
    may("is_successful", Boolean()),
    ref("acme_order_id", "acme_order", null=True),
    may("lease_owner", String(255)),
    index_if_set("acme_order_id"),
    index("domain_id", "id"),
    index("domain_id", "timestamp_created"),
    index("timestamp_created"),
)

Table(
    "queue_certificate",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    may("timestamp_processed", MOMENT),
    may("timestamp_process_attempt", MOMENT),
    may("process_result", Boolean()),
    must("is_active", Boolean()),
    must("private_key_strategy__requested", WORD),
    ref("acme_account_id", "acme_account"),
    ref("private_key_id", "private_key"),
    ref("unique_fqdn_set_id", "unique_fqdn_set"),
    ref("acme_order_id__source", "acme_order", null=True),
    ref("certificate_signed_id__source", "certificate_signed", null=True),
    ref("unique_fqdn_set_id__source", "unique_fqdn_set", null=True),
    ref("acme_order_id__generated", "acme_order", null=True),
    ref("certificate_request_id__generated", "certificate_request", null=True),
    ref("certificate_signed_id__generated", "certificate_signed", null=True),
    must("private_key_cycle__renewal", WORD),
    ref("operations_event_id__created", "operations_event"),
    CheckConstraint(
        "(CASE WHEN acme_order_id__source IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN certificate_signed_id__source IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN unique_fqdn_set_id__source IS NULL THEN 0 ELSE 1 END) = 1",
        name="source",
    ),
    index("acme_account_id", "id"),
    index_if_set("acme_order_id__generated"),
    index_if_set("acme_order_id__source"),
    index_if_set("certificate_request_id__generated"),
    index_if_set("certificate_signed_id__generated"),
    index_if_set("certificate_signed_id__source"),
    index("is_active", "id"),
    index("operations_event_id__created"),
    index("private_key_id", "id"),
    index("timestamp_processed", "id"),
    index("unique_fqdn_set_id", "id"),
    index_if_set("unique_fqdn_set_id__source"),
)

Table(
    "queue_domain",
    metadata,
    number(),
    must("domain_name", NAME),
    must("timestamp_created", MOMENT),
    may("timestamp_processed", MOMENT),
    ref("domain_id", "domain", null=True),
    may("is_active", Boolean()),
    ref("operations_event_id__created", "operations_event"),
    CheckConstraint("domain_name = lower(domain_name)", name="lower_case"),
    index_if_set("domain_id"),
    unique_where("is_active", "domain_name"),
    index("domain_name", "id"),
    index("is_active", "id"),
    index("operations_event_id__created"),
    index("timestamp_processed", "id"),
)

Table(
    "unique_fqdn_set_2_domain",
    metadata,
    key_ref("unique_fqdn_set_id", "unique_fqdn_set"),
    key_ref("domain_id", "domain"),
    index("domain_id", "unique_fqdn_set_id"),
)

Table(
    "acme_challenge",
    metadata,
    number(),
    ref("acme_authorization_id", "acme_authorization", null=True),
    ref("acme_orderless_id", "acme_orderless", null=True),
    ref("domain_id", "domain"),
    must("acme_challenge_type", WORD),
    must("acme_status_challenge", WORD),
    may("challenge_url", URL),
    must("timestamp_created", MOMENT),
    may("timestamp_updated", MOMENT),
    may("token", TOKEN),
    may("keyauthorization", TOKEN),
    may("acme_challenge_fail_type", WORD),
    may("error", Text()),
    UniqueConstraint("acme_orderless_id", "domain_id", "acme_challenge_type"),
    UniqueConstraint("challenge_url"),
    CheckConstraint(
        "(acme_authorization_id IS NULL) <> (acme_orderless_id IS NULL)",
        name="authorization_or_orderless",
    ),
    CheckConstraint("token IS NOT NULL OR acme_orderless_id IS NOT NULL", name="token_sanity"),
    index("acme_authorization_id", "id"),
    index_if_set("acme_orderless_id"),
    index("acme_status_challenge", "id"),
    index("domain_id", "id"),
    index("token", "domain_id"),
)

Table(
    "acme_order_2_acme_authorization",
    metadata,
    key_ref("acme_order_id", "acme_order"),
    key_ref("acme_authorization_id", "acme_authorization"),
    may("is_present_on_new_order", Boolean()),
    index("acme_authorization_id", "acme_order_id"),
)

Table(
    "coverage_assurance_event",
    metadata,
    number(),
    must("timestamp_created", MOMENT),
    ref("private_key_id", "private_key", null=True),
    ref("certificate_signed_id", "certificate_signed", null=True),
    ref("queue_certificate_id", "queue_certificate", null=True),
    must("coverage_assurance_event_type", WORD),
    must("coverage_assurance_event_status", WORD),
    must("coverage_assurance_resolution", WORD),
    ref("coverage_assurance_event_id__parent", "coverage_assurance_event", null=True),
    CheckConstraint(
        "private_key_id IS NOT NULL "
        "OR certificate_signed_id IS NOT NULL "
        "OR queue_certificate_id IS NOT NULL",
        name="pkey_andor_certs",
    ),
    index_if_set("certificate_signed_id"),
    index_if_set("coverage_assurance_event_id__parent"),
    index("coverage_assurance_resolution", "id"),
    index_if_set("private_key_id"),
    index_if_set("queue_certificate_id"),
)

Table(
    "acme_challenge_competing_2_acme_challenge",
    metadata,
    key_ref("acme_challenge_competing_id", "acme_challenge_competing"),
    key_ref("acme_challenge_id", "acme_challenge"),
    index("acme_challenge_id"),
)

Table(
    "acme_challenge_poll",
    metadata,
    number(),
    ref("acme_challenge_id", "acme_challenge"),
    must("timestamp_polled", MOMENT),
    ref("remote_ip_address_id", "remote_ip_address"),
    index("acme_challenge_id", "id"),
    index("remote_ip_address_id", "id"),
    index("timestamp_polled"),
)

Table(
    "acme_event_log",
    metadata,
    number(),
    must("timestamp_event", MOMENT),
    must("acme_event", WORD),
    ref("acme_account_id", "acme_account", null=True),
    ref("acme_authorization_id", "acme_authorization", null=True),
    ref("acme_challenge_id", "acme_challenge", null=True),
    ref("acme_order_id", "acme_order", null=True),
    ref("certificate_request_id", "certificate_request", null=True),
    ref("certificate_signed_id", "certificate_signed", null=True),
    ref("unique_fqdn_set_id", "unique_fqdn_set", null=True),
    index_if_set("acme_account_id"),
    index_if_set("acme_authorization_id"),
    index_if_set("acme_challenge_id"),
    index("acme_event", "id"),
    index_if_set("acme_order_id"),
    index_if_set("certificate_request_id"),
    index_if_set("certificate_signed_id"),
    index("timestamp_event"),
    index_if_set("unique_fqdn_set_id"),
)

Table(
    "acme_order_2_acme_challenge_type_specific",
    metadata,
    key_ref("acme_order_id", "acme_order"),
    key_ref("domain_id", "domain"),
    must("acme_challenge_type", WORD),
    ref("acme_challenge_id__triggered", "acme_challenge", null=True),
    index("acme_challenge_id__triggered"),
    index("domain_id", "acme_order_id"),
)

Table(
    "operations_object_event",
    metadata,
    number(),
    ref("operations_event_id", "operations_event", null=True),
    must("operations_object_event_status", WORD),
    ref("acme_account_id", "acme_account", null=True),
    ref("acme_account_key_id", "acme_account_key", null=True),
    ref("acme_dns_server_id", "acme_dns_server", null=True),
    ref("acme_order_id", "acme_order", null=True),
    ref("certificate_ca_id", "certificate_ca", null=True),
    ref("certificate_ca_chain_id", "certificate_ca_chain", null=True),
    ref("certificate_request_id", "certificate_request", null=True),
    ref("certificate_signed_id", "certificate_signed", null=True),
    ref("coverage_assurance_event_id", "coverage_assurance_event", null=True),
    ref("domain_id", "domain", null=True),
    ref("private_key_id", "private_key", null=True),
    ref("queue_certificate_id", "queue_certificate", null=True),
    ref("queue_domain_id", "queue_domain", null=True),
    ref("unique_fqdn_set_id", "unique_fqdn_set", null=True),
    CheckConstraint(
        "(CASE WHEN acme_account_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN acme_account_key_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN acme_dns_server_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN acme_order_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN certificate_ca_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN certificate_ca_chain_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN certificate_request_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN certificate_signed_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN coverage_assurance_event_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN domain_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN private_key_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN queue_certificate_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN queue_domain_id IS NULL THEN 0 ELSE 1 END) "
        "+ (CASE WHEN unique_fqdn_set_id IS NULL THEN 0 ELSE 1 END) = 1",
        name="check1",
    ),
    index_if_set("acme_account_id"),
    index_if_set("acme_account_key_id"),
    index_if_set("acme_dns_server_id"),
    index_if_set("acme_order_id"),
    index_if_set("certificate_ca_chain_id"),
    index_if_set("certificate_ca_id"),
    index_if_set("certificate_request_id"),
    index_if_set("certificate_signed_id"),
    index_if_set("coverage_assurance_event_id"),
    index_if_set("domain_id"),
    index("operations_event_id", "id"),
    index_if_set("private_key_id"),
    index_if_set("queue_certificate_id"),
    index_if_set("queue_domain_id"),
    index_if_set("unique_fqdn_set_id"),
)

Table(
    "acme_account_request_count",
    metadata,
    key_ref("acme_account_id", "acme_account"),
    Column("day", Date(), primary_key=True),
    Column("slot", SmallInteger(), primary_key=True, autoincrement=False),
    must("count_requests", Integer()),
    must("count_new_orders", Integer()),
    must("count_refused", Integer()),
)

Table(
    "acme_rate_limit",
    metadata,
    number(),
    ref("acme_account_id", "acme_account"),
    may("identifier", String(255)),
    ref("unique_fqdn_set_id", "unique_fqdn_set", null=True),
    must("timestamp_created", MOMENT),
    must("timestamp_until", MOMENT),
    must("text", Text()),
    index("acme_account_id", "timestamp_until"),
    index("timestamp_until"),
    index_if_set("unique_fqdn_set_id"),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
