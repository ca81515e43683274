"""The answer to a poll of a challenge: the one question that must never be slow."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, exists, or_, select

from ...enums import ChallengeType
from ...model import AcmeChallenge, AcmeOrderless, Domain, DomainBlocklisted
from ...model.acme_challenge import POSSIBLY_ACTIVE


class Answer(NamedTuple):
    challenge_id: int
    keyauthorization: str


# Any status: a CA may look again after it has decided. A challenge that was put in by hand is
# answered until its AcmeOrderless is deactivated.
_QUERY = (
    select(AcmeChallenge.id, AcmeChallenge.keyauthorization)
    .join(Domain, Domain.id == AcmeChallenge.domain_id)
    .outerjoin(AcmeOrderless, AcmeOrderless.id == AcmeChallenge.acme_orderless_id)
    .where(
        AcmeChallenge.token == bindparam("token"),
        Domain.domain_name == bindparam("host"),
        AcmeChallenge.keyauthorization.is_not(None),
        or_(AcmeChallenge.acme_orderless_id.is_(None), AcmeOrderless.is_processing.is_(True)),
        ~exists().where(DomainBlocklisted.domain_name == bindparam("host")),
    )
    .order_by(
        case((AcmeChallenge.acme_challenge_type == ChallengeType.HTTP_01, 0), else_=1),
        case((AcmeChallenge.acme_status_challenge.in_(sorted(POSSIBLY_ACTIVE)), 0), else_=1),
        AcmeChallenge.id.desc(),
    )
    .limit(1)
)


def find(connection: Connection, token: str, host: str) -> Answer | None:
    """What to answer when `token` is asked for on `host` (lower case, without port)."""
    row = connection.execute(_QUERY, {"token": token, "host": host}).first()
    return Answer(row[0], row[1]) if row and row[1] else None
