"""Redis and nginx: what they are told by hand, and the pages that say how they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from ...enums import OperationsEventType
from ...errors import SslersError, SwitchedOff
from ...lib.actions import edge as actions
from ...lib.cache.nginx import Answers, as_json
from ...lib.context import Context
from ...lib.store import events, paging
from ...model import CertificateSigned, Domain, OperationsEvent
from .. import pages
from ..actions import switched_off
from ..cells import number
from ..redirects import see_other
from ..register import add_action, add_list, given
from ..resource import Action, Docs, Done
from ..shown import Custom
from ..to_json import pagination

REDIS, NGINX = "/operations/redis", "/operations/nginx"
PER_PAGE = 25
NGINX_EVENTS = (
    OperationsEventType.OPERATIONS_NGINX_CACHE_EXPIRE,
    OperationsEventType.OPERATIONS_NGINX_CACHE_FLUSH,
)
REDIS_EVENTS = (OperationsEventType.OPERATIONS_REDIS_PRIME,)


def has_redis(ctx: Context) -> bool:
    return ctx.edge is not None and ctx.edge.redis is not None


def has_nginx(ctx: Context) -> bool:
    return ctx.edge is not None and ctx.edge.nginx is not None


def prime(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    event, progress = actions.prime(ctx)
    told = {"id": event.id, "total_primed": progress.primed, "total_removed": progress.removed}
    return _done(REDIS, "redis_prime", {"operations_event": told}, event)


def flush(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    event, answers = actions.flush(ctx)
    return _done(NGINX, "nginx_cache_flush", _told(event, answers), event)


def status(ctx: Context, _obj: None, _values: dict[str, Any]) -> Done:
    answers = actions.status(ctx)
    document = {"servers_status": as_json(answers)}
    page = Custom(
        "edge_servers.mako",
        {"answers": answers},
        document,
        title="What the nginx servers say",
        group="Logs",
        tools=(("nginx", NGINX),),
    )
    return Done(document, page=page)


def expire_domain(ctx: Context, domain: Domain, _values: dict[str, Any]) -> Done:
    return _expired(ctx, [domain])


def expire_certificate(
    ctx: Context, certificate: CertificateSigned, _values: dict[str, Any]
) -> Done:
    return _expired(ctx, certificate.unique_fqdn_set.domains)


def _expired(ctx: Context, domains: Sequence[Domain]) -> Done:
    event, answers = actions.expire(ctx, domains)
    return _done("", "nginx-cache-expire", _told(event, answers), event)


def _told(event: OperationsEvent, answers: Answers) -> dict[str, Any]:
    return {"operations_event": {"id": event.id}, "servers_status": as_json(answers)}


def _done(to: str, operation: str, told: dict[str, Any], event: OperationsEvent) -> Done:
    return Done(told, to=to, query=f"result=success&operation={operation}&event.id={event.id}")


PRIME = Action(
    "prime",
    "Prime Redis",
    "Put every name that is served into Redis, with its certificate, key and chain; remove others.",
    run=prime,
    docs=Docs(
        examples=("curl --request POST {ADMIN}/api/redis/prime.json",),
        notes=(
            "What changes is primed by itself. Run this every day all the same: it makes good what"
            " was missed while Redis was down.",
        ),
    ),
    get_query="result=error&operation=api--redis--prime&error=POST+required",
    html_operation="redis_prime",
    error_operation="api--redis--prime",
    at="/api/redis/prime",
    back_to=REDIS,
)
FLUSH = Action(
    "cache-flush",
    "Flush the nginx caches",
    "Let every nginx server of the pool drop all certificates that it holds.",
    run=flush,
    docs=Docs(
        examples=("curl --request POST {ADMIN}/api/nginx/cache-flush.json",),
        notes=("What changes is dropped by itself.",),
    ),
    get_query="result=error&operation=api--nginx--cache-flush&error=POST+required",
    html_operation="nginx_cache_flush",
    error_operation="api--nginx--cache-flush",
    at="/api/nginx/cache-flush",
    back_to=NGINX,
)
STATUS = Action(
    "status",
    "Ask the nginx servers",
    "Ask every nginx server of the pool what it holds.",
    run=status,
    docs=Docs(examples=("curl --request POST {ADMIN}/api/nginx/status.json",)),
    get_query="result=error&operation=api--nginx--status&error=POST+required",
    html_operation="api--nginx--status",
    at="/api/nginx/status",
    back_to=NGINX,
)


def expiring(path: str, what: str, run: Callable[..., Done]) -> Action:
    return Action(
        "nginx-cache-expire",
        "Expire in nginx",
        f"Let every nginx server of the pool drop {what}; it is fetched anew when asked for.",
        run=run,
        docs=Docs(examples=(f"curl --request POST {{ADMIN}}/{path}/1/nginx-cache-expire.json",)),
        get_query="result=error&operation=nginx-cache-expire&message=POST+required",
        is_off=lambda ctx: not has_nginx(ctx),
    )


EXPIRE_DOMAIN = expiring("domain", "the domain", expire_domain)
EXPIRE_CERTIFICATE = expiring("certificate-signed", "the certificate's names", expire_certificate)


@dataclass(frozen=True)
class Part:
    """Of a page: which of the two it is."""

    name: str  # as errors name it
    title: str
    sentence: str
    path: str
    kinds: tuple[OperationsEventType, ...]
    deeds: tuple[Action, ...]
    is_on: Callable[[Context], bool]
    facts: Callable[[Context], dict[str, str]]


def redis_facts(ctx: Context) -> dict[str, str]:
    edge = ctx.edge
    if edge is None or edge.redis is None:
        raise SwitchedOff("redis")
    redis = edge.redis
    found = {"Address": redis.url, "Style": redis.style}
    try:
        state = redis.status()
    except SslersError as exc:
        found["State"] = str(exc)
    else:
        found |= {
            "State": f"answers in {state.answered_s * 1000:.1f} ms",
            "Keys": number(state.keys),
        }
    if edge.progress:
        found["Being primed"] = str(edge.progress)
    return found


def nginx_facts(ctx: Context) -> dict[str, str]:
    if ctx.edge is None or ctx.edge.nginx is None:
        raise SwitchedOff("nginx")
    pool = ctx.edge.nginx
    return {
        "Servers": ", ".join(pool.servers),
        "Drop": f"{pool.reset_path}/all, {pool.reset_path}/domain/NAME",
        "Status": pool.status_path,
    }


PARTS = (
    Part(
        "redis",
        "Redis",
        "Edge servers find certificates and keys there. What changes is put there by itself.",
        REDIS,
        REDIS_EVENTS,
        (PRIME,),
        has_redis,
        redis_facts,
    ),
    Part(
        "nginx",
        "nginx",
        "The servers that are told to drop what they hold of a name when it changes.",
        NGINX,
        NGINX_EVENTS,
        (STATUS, FLUSH),
        has_nginx,
        nginx_facts,
    ),
)


def view(part: Part, request: Request) -> Any:
    """`/operations/redis`, `/operations/nginx`, and their events page by page."""
    ctx = request.ctx
    if not part.is_on(ctx):
        if pages.wants_json(request):
            raise SwitchedOff(part.name)
        return switched_off(request, SwitchedOff(part.name))
    asked = int(request.matchdict.get("page", "1")[:18])
    page = paging.page(ctx.db, events.of_types(part.kinds), asked, PER_PAGE)
    if page.number != asked:
        target = f"{part.path}/{page.number}{pages.json_suffix(request)}"
        return see_other(request, target, request.query_string)
    facts = part.facts(ctx)
    kind = request.registry.resources.of(OperationsEvent)
    listed = [kind.as_json(event, request.admin_url) for event in page.items]
    suffix = f"/{asked}" if asked > 1 else ""
    return Custom(
        "edge.mako",
        {"part": part, "facts": facts, "kind": kind, "events": page},
        {part.name: facts, kind.json_names: listed, "pagination": pagination(page)},
        title=part.title,
        sentence=part.sentence,
        group="Logs",
        tools=links(ctx, without=part),
        path=f"{part.path}{suffix}",
    )


def links(ctx: Context, without: Part | None = None) -> tuple[tuple[str, str], ...]:
    """To the pages of what is on."""
    return tuple((p.title, p.path) for p in PARTS if p is not without and p.is_on(ctx))


def includeme(config: Configurator) -> None:
    for part in PARTS:
        add_list(config, part.path, given(view, part))
        for deed in part.deeds:
            add_action(config, deed.at, None, deed)
