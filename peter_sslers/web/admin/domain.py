"""Domains: their pages."""

from __future__ import annotations

from typing import Any

from ...lib.actions import domains as actions
from ...lib.context import Context, utc_now
from ...lib.store import (
    acme_authorizations,
    acme_challenges,
    acme_orders,
    certificate_requests,
    certificate_signeds,
    domain_autocerts,
    domains,
    unique_fqdn_sets,
)
from ...model import (
    AcmeAuthorization,
    AcmeChallenge,
    AcmeOrder,
    CertificateRequest,
    CertificateSigned,
    Domain,
    DomainAutocert,
    UniqueFQDNSet,
)
from ..resource import Action, Column, Docs, Done, Listing, Related, Resource, Show
from ..schemas import DomainName, Form
from .acme_authorization_json import challenge_as_json
from .autocert import AUTOCERT
from .certificate_if_needed import CERTIFICATE_IF_NEEDED
from .certificate_signed import left
from .domain_actions import API, MARK, UPDATE_RECENTS
from .domain_search import SEARCH
from .edge import EXPIRE_DOMAIN
from .shared import newest


def as_json(domain: Domain, _root: str) -> dict[str, Any]:
    return {
        "id": domain.id,
        "is_active": bool(domain.is_active),
        "domain_name": domain.domain_name,
        "certificate__latest_multi": _latest(domain.certificate_signed__latest_multi),
        "certificate__latest_single": _latest(domain.certificate_signed__latest_single),
    }


def _latest(certificate: CertificateSigned | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    return {
        "id": certificate.id,
        "timestamp_not_after": certificate.timestamp_not_after,
        "expiring_days": certificate.expiring_days(utc_now()),
    }


def active_challenges(ctx: Context, domain: Domain, root: str) -> dict[str, Any]:
    """The challenges of the domain that a CA may still be about to validate."""
    found = acme_challenges.with_status(acme_challenges.of_domain(domain), "active")
    challenges = [challenge_as_json(challenge, root) for challenge in ctx.db.scalars(found)]
    return {"AcmeChallenges_Active": challenges or None}


def load(ctx: Context, ident: str) -> Domain | None:
    """By id or name: a name of digits alone can not exist."""
    return ctx.db.scalar(domains.by_id_or_name(ident).options(*domains.SHOWN))


def state(domain: Domain) -> str:
    return "active" if domain.is_active else "inactive"


def expires(domain: Domain) -> str:
    """How long the name is covered yet: by the certificate that ends last."""
    latest = [
        certificate
        for certificate in (
            domain.certificate_signed__latest_single,
            domain.certificate_signed__latest_multi,
        )
        if certificate
    ]
    if not latest:
        return "no certificate"
    return left(max(latest, key=lambda certificate: certificate.timestamp_not_after))


def sentence(domain: Domain) -> str:
    covered = expires(domain)
    if covered == "no certificate":
        return "No active certificate covers this name."
    if covered == "over":
        return "Its certificate has expired."
    return f"Covered by a certificate: {covered} left."


def expiring(ctx: Context, _params: Any) -> Any:
    return domains.expiring(ctx.now, ctx.settings.expiring_days)


class NewDomain(Form):
    domain_name = DomainName("the name, as example.com or *.example.com", wildcard=True, ip=True)


def new(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    domain, is_created = actions.new(ctx, values["domain_name"])
    json = {"Domain": as_json(domain, ""), "is_created": is_created}
    return Done(
        json,
        to=f"/domain/{domain.id}",
        query=f"result=success&operation=new&is_created={is_created}",
    )


DOMAIN = Resource(
    path="domain",
    paths="domains",
    model=Domain,
    label="Domain",
    labels="Domains",
    group="Domains",
    json_name="Domain",
    json_names="Domains",
    about="Every name that certificates were ordered or imported for.",
    as_json=as_json,
    focus_json=active_challenges,
    ident="[^/]+?",
    load=load,
    title=lambda domain: domain.domain_name,
    short=lambda domain: domain.domain_name,
    status=state,
    sentence=sentence,
    options=domains.SHOWN,
    columns=(
        Column("domain_name", "Name", sort=Domain.domain_name),
        Column("state", show=Show.STATUS, value=state, in_focus=False),
        Column("expires", "Covered for", value=expires),
        Column("certificate_signed__latest_single", "For this name alone", Show.LINK),
        Column("certificate_signed__latest_multi", "With other names", Show.LINK),
        Column("timestamp_created", "Created", Show.TIME),
        Column("id", "Id", Show.NUMBER, sort=Domain.id),
    ),
    listings=(
        newest("All domains", domains.every),
        Listing(
            "expiring",
            "Expiring domains",
            expiring,
            empty="No latest certificate of a domain runs out soon.",
        ),
        Listing(
            "challenged",
            "Challenged domains",
            lambda _ctx, _params: domains.challenged(),
            empty="No CA is about to validate any name.",
        ),
    ),
    related=(
        Related(
            "certificate-signeds",
            "Certificates",
            CertificateSigned,
            certificate_signeds.of_domain,
        ),
        Related("acme-orders", "Orders", AcmeOrder, acme_orders.of_domain),
        Related(
            "acme-authorizations",
            "Authorizations",
            AcmeAuthorization,
            acme_authorizations.of_domain,
        ),
        Related("acme-challenges", "Challenges", AcmeChallenge, acme_challenges.of_domain),
        Related(
            "certificate-requests",
            "Certificate requests",
            CertificateRequest,
            certificate_requests.of_domain,
            on_page=False,
        ),
        Related("unique-fqdn-sets", "Unique FQDN sets", UniqueFQDNSet, unique_fqdn_sets.of_domain),
        Related(
            "domain-autocerts",
            "Autocert runs",
            DomainAutocert,
            domain_autocerts.of_domain,
            on_page=False,
        ),
    ),
    forms=(
        Action(
            "new",
            "New domain",
            "Store a name; one that is known already is found again.",
            run=new,
            schema=NewDomain,
            primary=True,
            docs=Docs(examples=("curl --form 'domain_name=example.com' {ADMIN}/domain/new.json",)),
        ),
        SEARCH,
        *API,
        AUTOCERT,
        CERTIFICATE_IF_NEEDED,
    ),
    actions=(MARK, UPDATE_RECENTS, EXPIRE_DOMAIN),
    pages=(("Calendar", "calendar"),),
)
