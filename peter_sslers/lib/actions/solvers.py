"""Getting ready for a challenge: the answer is in its place before the CA is told to look."""

from __future__ import annotations

from ...enums import ChallengeType
from ...errors import InvalidRequest, SslersError
from ...model import AcmeChallenge
from ..acme_v2 import jws, solver
from ..context import Context
from .acme import client_of


class DomainVerificationError(SslersError):
    """Our own look at the challenge's answer failed; the CA was not asked."""

    status = 409


def prepare(ctx: Context, challenge: AcmeChallenge) -> None:
    """Raises DomainVerificationError, or InvalidRequest for a type that we can not answer."""
    match challenge.acme_challenge_type:
        case ChallengeType.HTTP_01:
            http_01(ctx, challenge)
        case other:
            raise InvalidRequest(f"this installation can not answer {other}")


def http_01(ctx: Context, challenge: AcmeChallenge) -> None:
    """RFC 8555 section 8.3. The public view answers from the row; see that it can be reached."""
    token, authorization = challenge.token or "", challenge.acme_authorization
    if authorization is None:
        raise InvalidRequest(f"AcmeChallenge {challenge.id} belongs to no AcmeAuthorization")
    key = client_of(ctx, authorization.acme_order_created.acme_account).key
    expected = jws.key_authorization(token, key)
    if challenge.keyauthorization != expected:  # the account's key was changed since
        with ctx.commit():
            challenge.keyauthorization = expected
    if not ctx.settings.acme_http01_self_check:
        return
    ctx.outside()
    name = challenge.domain.domain_name
    if problem := solver.http_01_problem(name, token, expected):
        raise DomainVerificationError(f"{name}: {problem}")
