"""`domains/search`: what is known of one name, among the domains and in their queue."""

from __future__ import annotations

from typing import Any

from ...lib.context import Context
from ...lib.store import domains, queue_domains
from ...model import Domain, QueueDomain
from ..resource import Action, Docs, Done
from ..schemas import DomainName, Form
from ..shown import Custom


class SearchDomain(Form):
    domain = DomainName(
        "the whole name, as example.com or *.example.com", label="Name", wildcard=True, ip=True
    )


def find(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    name = values["domain"]
    domain = ctx.db.scalar(domains.by_name(name).options(*domains.SHOWN))
    waiting = ctx.db.scalar(queue_domains.active_by_names([name]))
    done = ctx.db.scalars(queue_domains.inactive_by_name(name).order_by(QueueDomain.id)).all()
    return Done(
        {
            "query": name,
            "search_results": {
                "Domain": domain,
                "QueueDomainActive": waiting,
                "QueueDomainsInactive": list(done),
            },
        },
        page=page(name, domain, [*([waiting] if waiting else []), *done]),
    )


def page(name: str, domain: Domain | None, queued: list[QueueDomain]) -> Custom:
    known = "It is known." if domain else "It is waiting." if queued else "Nothing is known of it."
    return Custom(
        "domain_search.mako",
        {"domain": domain, "queued": queued},
        {},
        title=f"Domain search: {name}",
        sentence=known,
        group="Domains",
        tools=(("Search again", "/domains/search"),),
    )


SEARCH = Action(
    "search",
    "Find a domain",
    "Look a name up among the domains and in the queue of those that wait for a certificate.",
    run=find,
    schema=SearchDomain,
    docs=Docs(examples=("curl --form 'domain=example.com' {ADMIN}/domains/search.json",)),
    at="/domains/search",
)
