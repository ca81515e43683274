"""Challenges that stand in one another's way: noted when the CA has made them all the same."""

from __future__ import annotations

from collections.abc import Sequence

from ...model import (
    AcmeAuthorization,
    AcmeChallenge,
    AcmeChallengeCompeting,
    AcmeChallengeCompeting2AcmeChallenge,
)
from ..context import Context
from ..store import acme_challenges


def note(ctx: Context, authorization: AcmeAuthorization, fresh: Sequence[AcmeChallenge]) -> None:
    """Link new challenges to those of their type that are active on the same name.

    Inside a commit. Orders that would compete are refused; these came by another way, as from an
    order of two that were placed at the same moment.
    """
    domain = authorization.domain
    if not fresh or domain is None or not ctx.settings.block_competing_challenges:
        return
    with ctx.db.no_autoflush:
        rivals = ctx.db.execute(acme_challenges.rivals_of(domain, authorization)).all()
    for challenge in fresh:
        same = [number for number, kind in rivals if kind is challenge.acme_challenge_type]
        if same:
            ctx.db.add(competing(ctx, challenge, same))


def competing(
    ctx: Context, challenge: AcmeChallenge, rivals: Sequence[int]
) -> AcmeChallengeCompeting:
    row = AcmeChallengeCompeting(timestamp_created=ctx.clock(), domain=challenge.domain)
    row.acme_challenge_competing_2_acme_challenge.extend(
        [
            *(AcmeChallengeCompeting2AcmeChallenge(acme_challenge_id=rival) for rival in rivals),
            AcmeChallengeCompeting2AcmeChallenge(acme_challenge=challenge),
        ]
    )
    return row
