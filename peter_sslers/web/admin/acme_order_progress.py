"""What an order's page says of where it stands: sentence, steps, and what comes next."""

from __future__ import annotations

from ...enums import AuthorizationStatus, ChallengeType, OrderStatus
from ...lib.actions.order_steps import Do, next_step
from ...lib.context import utc_now
from ...model import AcmeAuthorization, AcmeOrder
from ...model.acme_order import ENDED
from ..cells import day
from ..resource import NextStep
from ..resource import Step as Shown

WHERE = "The CA looks it up in a moment; that is why the answer can take some seconds."


def sentence(order: AcmeOrder) -> str:
    names = order.domains_as_list
    what = names[0] if len(names) == 1 else f"{len(names)} names, {names[0]} first"
    told = f"{what}, at {order.acme_account.acme_account_provider.name}."
    if order.error:
        return f"{told} What went wrong: {order.error.rstrip('.')}."
    if order.certificate_signed_id:
        return f"{told} Its certificate is #{order.certificate_signed_id}."
    if order.acme_status_order not in ENDED and order.timestamp_expires:
        return f"{told} The CA keeps this order open until {day(order.timestamp_expires)}."
    return told


def steps(order: AcmeOrder) -> tuple[Shown, ...]:
    """Account, order, authorizations, finalize, certificate; one of them is `now` or `failed`."""
    authorizations = order.acme_authorizations
    valid = sum(a.acme_status_authorization is AuthorizationStatus.VALID for a in authorizations)
    at = _position(order, all_valid=bool(authorizations) and valid == len(authorizations))
    mark = "failed" if _has_failed(order) else "now"
    notes = (
        ("Account", f"#{order.acme_account_id}, {order.acme_account.contact or 'no contact'}"),
        ("Order", "" if order.order_url else "the CA does not know it yet"),
        ("Authorizations", f"{valid} of {len(authorizations) or '…'} valid"),
        ("Finalize", _key_note(order)),
        ("Certificate", _certificate_note(order)),
    )
    return tuple(
        Shown(label, "done" if i < at else mark if i == at else "", note)
        for i, (label, note) in enumerate(notes)
    )


def _position(order: AcmeOrder, *, all_valid: bool) -> int:
    """The index of the step that the order is at; 5 when all are done."""
    if order.certificate_signed_id:
        return 5
    if order.order_url is None:
        return 1
    match order.acme_status_order:
        case OrderStatus.READY:
            return 3
        case OrderStatus.PROCESSING | OrderStatus.VALID:
            return 4
        case OrderStatus.PENDING:
            return 2
    return 3 if all_valid else 2


def _has_failed(order: AcmeOrder) -> bool:
    return order.acme_status_order in ENDED and order.acme_status_order is not OrderStatus.VALID


def _key_note(order: AcmeOrder) -> str:
    if order.certificate_request_id:
        return f"request #{order.certificate_request_id}, key #{order.private_key_id}"
    return "the key is made here" if order.private_key.is_placeholder else "not yet"


def _certificate_note(order: AcmeOrder) -> str:
    return f"#{order.certificate_signed_id}" if order.certificate_signed_id else "not yet"


def next_panel(order: AcmeOrder) -> NextStep | None:
    """What `acme-process` or another action would do now; None when nothing is left."""
    step = next_step(order)
    until = order.timestamp_retry_after
    if until and until > utc_now() and step.do is not Do.NOTHING:
        return NextStep(
            f"come back after {until:%Y-%m-%d %H:%M:%S} UTC",
            "The CA wants to be left alone until then. The order stays as it is and goes on from"
            " here: nothing is lost.",
        )
    match step.do:
        case Do.SUBMIT:
            return NextStep(
                "send the order to the CA",
                "It is stored here only; the answer of the CA may have been lost.",
                "acme-process",
                "Send the order",
            )
        case Do.READ | Do.ANSWER if step.authorization:
            return _proof(order, step.authorization)
        case Do.WAIT if order.acme_status_order is OrderStatus.PENDING:
            return NextStep("hear what the CA has decided", WHERE, "acme-process", "Ask the CA")
        case Do.WAIT:
            return NextStep(
                "wait for the certificate", "The CA is making it.", "acme-process", "Ask the CA"
            )
        case Do.FINALIZE:
            return NextStep(
                "finalize the order",
                "Every name is proved. The CA gets the certificate request and issues.",
                "acme-process",
                "Finalize",
            )
        case Do.DOWNLOAD:
            return NextStep(
                "download the certificate",
                "The CA has issued it.",
                "acme-server/download-certificate",
                "Download the certificate",
            )
    return None


def _proof(order: AcmeOrder, authorization: AcmeAuthorization) -> NextStep:
    name, about = "the next name", "The CA says how; then it looks."
    if authorization.domain:
        name = authorization.domain.domain_name
        if kind_of(order, name) is ChallengeType.DNS_01:
            about = f"The CA will look up _acme-challenge.{name.removeprefix('*.')}. {WHERE}"
        else:
            about = f"The CA will fetch http://{name}/.well-known/acme-challenge/…. {WHERE}"
    elif len(order.domains_as_list) == 1:
        name = order.domains_as_list[0]
    return NextStep(f"prove control of {name}", about, "acme-process", "Prove it now")


def kind_of(order: AcmeOrder, name: str) -> ChallengeType:
    return next(
        (kind for kind, names in order.domains_challenged.items() if names and name in names),
        ChallengeType.HTTP_01,
    )
