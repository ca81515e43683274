"""Sets of names made by hand, or from another one."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import FieldErrors
from ...model import UniqueFQDNSet
from ..context import Context
from ..store import domains, domains_blocklisted, unique_fqdn_sets
from .races import commit_anew

MAX_NAMES = 100  # as a certificate of Let's Encrypt may have


def new(
    ctx: Context, names: Sequence[str], field: str = "domain_names"
) -> tuple[UniqueFQDNSet, bool]:
    """Find or store the set of some names, and the names; True if it is new.

    Raises FieldErrors on `field`.
    """
    if len(names) > MAX_NAMES:
        raise FieldErrors({field: f"A set has at most {MAX_NAMES} names"})
    if blocked := sorted(domains_blocklisted.among(ctx.db, list(names))):
        raise FieldErrors({field: f"Blocklisted: {', '.join(blocked)}"})

    def work() -> tuple[UniqueFQDNSet, bool]:
        members = domains.get_or_create_all(ctx, names)
        return unique_fqdn_sets.get_or_create_of(ctx, members.values())

    return commit_anew(ctx, work)


def modified(
    ctx: Context, fqdns: UniqueFQDNSet, add: Sequence[str], remove: Sequence[str]
) -> tuple[UniqueFQDNSet, bool]:
    """The set with more or fewer names: another one, for a set itself never changes.

    True if it is new. Raises FieldErrors on `domain_names_add` and `domain_names_del`.
    """
    names = set(fqdns.domains_as_list)
    wrong: dict[str, str] = {}
    if strangers := sorted(set(remove) - names):
        wrong["domain_names_del"] = f"Not in this set: {', '.join(strangers)}"
    if both := sorted(set(add) & set(remove)):
        wrong["domain_names_add"] = f"Both to be added and removed: {', '.join(both)}"
    if wrong:
        raise FieldErrors(wrong)
    wanted = (names | set(add)) - set(remove)
    if not wanted:
        raise FieldErrors({"domain_names_del": "No name would be left"})
    if wanted == names:
        raise FieldErrors(main="Nothing would change: it is the same set.")
    return new(ctx, sorted(wanted), "domain_names_add")
