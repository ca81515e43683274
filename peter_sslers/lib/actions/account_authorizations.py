"""An account's pending authorizations, given up one by one at its CA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...enums import AuthorizationStatus
from ...errors import FieldErrors, InvalidRequest, UpstreamError
from ...model import AcmeAccount, AcmeAuthorization
from .. import acme_v2
from ..context import Context
from ..store import acme_authorizations
from . import account_server, authorizations


@dataclass
class Results:
    """`done` by id: True given up, None the CA does not have it, False left as it is."""

    done: dict[int, bool | None] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)


def deactivate(ctx: Context, account: AcmeAccount, ids: Sequence[int]) -> Results:
    """RFC 8555 section 7.5.2, for those of `ids` that are the account's and still open.

    A refusal concerns one of them; when the CA is out of reach or wants a rest, the others are not
    tried.
    """
    if not account.is_can_authenticate:
        raise InvalidRequest(account_server.NOT_AUTHENTICABLE)
    if not ids:
        raise FieldErrors(main="Choose at least one AcmeAuthorization.")
    query = acme_authorizations.of_account(account).where(AcmeAuthorization.id.in_(ids))
    mine = {authorization.id: authorization for authorization in ctx.db.scalars(query)}
    results = Results()
    stopped = ""
    for number in ids:
        results.done[number] = False
        authorization = mine.get(number)
        if authorization is None or not authorization.is_can_acme_server_deactivate:
            continue
        if stopped:
            results.errors[number] = f"not tried: {stopped}"
            continue
        try:
            results.done[number] = _give_up(ctx, authorization)
        except UpstreamError as exc:
            results.errors[number] = str(exc)
            if isinstance(exc, acme_v2.Unreachable | acme_v2.RateLimited):
                stopped = str(exc)
    return results


def _give_up(ctx: Context, authorization: AcmeAuthorization) -> bool | None:
    with account_server.logged(ctx):
        authorizations.deactivate(ctx, None, authorization)
    if authorization.acme_status_authorization is AuthorizationStatus.GONE:
        return None
    return authorization.acme_status_authorization is AuthorizationStatus.DEACTIVATED
