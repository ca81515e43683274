"""The admin: every kind of object that has pages.

Read: a kind's module declares its pages as data (`private_key`); `configs` has what edge servers
fetch; the modules that are no kind's hold plain pages (`index`).
"""

from __future__ import annotations

from pyramid.config import Configurator

from ..register import register
from . import (
    acme_account,
    acme_order,
    calendar,
    certificate_ca,
    certificate_ca_preferred,
    certificate_request,
    certificate_signed,
    configs,
    edge,
    help,
    index,
    operations,
    private_key,
    search,
    server_names,
    settings,
)
from .acme_account import ACME_ACCOUNT, ACME_ACCOUNT_KEY
from .acme_account_provider import ACME_ACCOUNT_PROVIDER
from .acme_authorization import ACME_AUTHORIZATION
from .acme_challenge import ACME_CHALLENGE
from .acme_challenge_poll import ACME_CHALLENGE_POLL
from .acme_challenge_unknown_poll import ACME_CHALLENGE_UNKNOWN_POLL
from .acme_event_log import ACME_EVENT_LOG
from .acme_order import ACME_ORDER
from .autocert import DOMAIN_AUTOCERT
from .certificate_ca import CERTIFICATE_CA
from .certificate_ca_chain import CERTIFICATE_CA_CHAIN
from .certificate_request import CERTIFICATE_REQUEST
from .certificate_signed import CERTIFICATE_SIGNED
from .coverage_assurance_event import COVERAGE_ASSURANCE_EVENT
from .domain import DOMAIN
from .domain_blocklisted import DOMAIN_BLOCKLISTED
from .operations import OPERATIONS_EVENT, OPERATIONS_OBJECT_EVENT
from .private_key import PRIVATE_KEY
from .queue_domain import QUEUE_DOMAIN
from .root_store import ROOT_STORE, ROOT_STORE_VERSION
from .unique_fqdn_set import UNIQUE_FQDN_SET

# In the order of the menus.
RESOURCES = (
    CERTIFICATE_SIGNED,
    CERTIFICATE_REQUEST,
    UNIQUE_FQDN_SET,
    ACME_ORDER,
    ACME_AUTHORIZATION,
    ACME_CHALLENGE,
    ACME_CHALLENGE_POLL,
    ACME_CHALLENGE_UNKNOWN_POLL,
    DOMAIN,
    DOMAIN_AUTOCERT,
    QUEUE_DOMAIN,
    DOMAIN_BLOCKLISTED,
    ACME_ACCOUNT,
    ACME_ACCOUNT_PROVIDER,
    ACME_ACCOUNT_KEY,
    PRIVATE_KEY,
    CERTIFICATE_CA,
    CERTIFICATE_CA_CHAIN,
    ROOT_STORE,
    ROOT_STORE_VERSION,
    OPERATIONS_EVENT,
    OPERATIONS_OBJECT_EVENT,
    COVERAGE_ASSURANCE_EVENT,
    ACME_EVENT_LOG,
)
# Their pages beside those that every kind has.
ODD_PAGES = (
    acme_account,
    acme_order,
    calendar,
    certificate_ca,
    certificate_ca_preferred,
    certificate_request,
    certificate_signed,
    configs,
    edge,
    help,
    index,
    operations,
    private_key,
    search,
    settings,
)


def includeme(config: Configurator) -> None:
    """Pyramid tries routes in their order: what is asked most comes first."""
    configs.hot_routes(config)
    server_names.hot_routes(config)
    for resource in RESOURCES:
        register(config, resource)
    for module in ODD_PAGES:
        module.includeme(config)
