"""The forms that make an account: registered at its CA, or brought along."""

from __future__ import annotations

from typing import Any

from ...enums import ACCOUNT_CYCLES, KeyTechnology, PrivateKeyCycle
from ...errors import Conflict, FieldErrors
from ...lib import acme_v2
from ...lib.actions import account_binding, account_files, account_marks, accounts
from ...lib.context import Context
from ...model import AcmeAccount
from .. import selection
from ..resource import Action, Docs, Done
from ..schemas import Choice, Email, Form, Integer, Secret, Text

BINDING = ("External account binding", (account_binding.KID, account_binding.HMAC_KEY))


class Binding(Form):
    """What a CA hands out that registers its customers only."""

    eab_kid = Text(
        "external account binding: the key id that the CA has given you; ZeroSSL, Google Trust "
        "Services, SSL.com and Actalis want one",
        label="External account binding: key id",
        required=False,
    )
    eab_hmac_key = Secret(
        "external account binding: the HMAC key that goes with it, as the CA shows it; it is "
        "stored and never shown again",
        label="External account binding: HMAC key",
        required=False,
    )


class NewAccount(Binding):
    # What is absent altogether is named one by one, as the contract has it, by `new`.
    acme_account_provider_id = Integer(
        "the CA to register at", label="CA", required=False, is_needed=True
    )
    account__contact = Email(
        "the e-mail address that the CA may write to",
        label="Contact",
        required=False,
        is_needed=True,
    )
    account__private_key_cycle = Choice(
        ACCOUNT_CYCLES,
        "when the account's certificates get a new key",
        label="New keys for certificates",
        explain=selection.CYCLES,
        default=PrivateKeyCycle.SINGLE_CERTIFICATE,
    )
    account__private_key_technology = Choice(
        KeyTechnology,
        "what keys the account's certificates get",
        label="Algorithm of the certificates' keys",
        explain=selection.TECHNOLOGIES,
        default=KeyTechnology.RSA,
    )
    account__key_technology = Choice(
        KeyTechnology,
        "what key the account itself gets: RSA of 2048 bits, or EC on P-256",
        label="Algorithm of the account's key",
        explain=selection.TECHNOLOGIES,
        required=False,
        default=KeyTechnology.RSA,
    )
    account__profile = selection.ProfileName(
        "one of the CA's certificate profiles, for orders that name none",
        label="Profile",
        required=False,
    )
    groups = (
        (
            "",
            (
                "acme_account_provider_id",
                "account__contact",
                "account__key_technology",
                "account__private_key_cycle",
                "account__private_key_technology",
                "account__profile",
            ),
        ),
        BINDING,
    )
    folded = (BINDING[0],)


class Upload(selection.AccountFiles, Binding):
    groups = (("", tuple(selection.AccountFiles().fields)), BINDING)
    folded = (BINDING[0],)


class EditAccount(Binding):
    account__private_key_cycle = Choice(
        ACCOUNT_CYCLES,
        "when the account's certificates get a new key",
        label="New keys for certificates",
        explain=selection.CYCLES,
    )
    account__private_key_technology = Choice(
        KeyTechnology,
        "what keys the account's certificates get",
        label="Algorithm of the certificates' keys",
        explain=selection.TECHNOLOGIES,
    )
    account__profile = selection.ProfileName(
        "one of the CA's certificate profiles, for orders that name none; - drops it",
        label="Profile",
        required=False,
    )
    groups = (
        (
            "",
            (
                "account__private_key_cycle",
                "account__private_key_technology",
                "account__profile",
            ),
        ),
        BINDING,
    )
    folded = (BINDING[0],)


def new(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    provider = account_files.provider(ctx, values["acme_account_provider_id"])
    if not values["account__contact"]:
        raise FieldErrors({"account__contact": "Please enter an email address"})
    wanted = accounts.NewAccount(
        provider,
        contact=values["account__contact"],
        cycle=values["account__private_key_cycle"],
        technology=values["account__private_key_technology"],
        key_technology=values["account__key_technology"] or KeyTechnology.RSA,
        binding=account_binding.read(values),
        profile=values["account__profile"],
    )
    try:
        account = accounts.new(ctx, wanted)
    except acme_v2.RateLimited:
        raise  # it says when there is a next time
    except acme_v2.Problem as exc:
        raise FieldErrors(main=str(exc)) from exc
    return _done(account, True, "new")


def upload(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    brought = account_files.read(ctx, values)
    try:
        account, is_created = accounts.upload(ctx, brought.wanted, brought.pem, brought.field)
    except Conflict as exc:
        raise FieldErrors(main=str(exc)) from exc
    return _done(account, is_created, "upload")


def edit(ctx: Context, account: AcmeAccount, values: dict[str, Any]) -> Done:
    wanted = account_marks.Edit(
        cycle=values["account__private_key_cycle"],
        technology=values["account__private_key_technology"],
        binding=account_binding.read(values),
        profile=values["account__profile"],
    )
    account_marks.edit(ctx, account, wanted)
    return Done({"AcmeAccount": account})


def present(_ctx: Context, account: AcmeAccount) -> dict[str, Any]:
    """What the edit form shows first."""
    return {
        "account__private_key_cycle": account.private_key_cycle,
        "account__private_key_technology": account.private_key_technology,
        "account__profile": account.profile,
    }


def _done(account: AcmeAccount, is_created: bool, operation: str) -> Done:
    what = "is_created" if is_created else "is_existing"
    return Done(
        {"AcmeAccount": account, "is_created": is_created, "is_existing": not is_created},
        to=f"/acme-account/{account.id}",
        query=f"result=success&operation={operation}&{what}=1",
    )


NEW = Action(
    "new",
    "New account",
    "Make a key and register an account with it at a CA, agreeing to the CA's terms.",
    run=new,
    schema=NewAccount,
    docs=Docs(options=selection.providers, suggestions=selection.known_profiles),
    defaults=selection.default_provider,
    primary=True,
    button="Register account",
)

UPLOAD = Action(
    "upload",
    "Upload account",
    "Store an account that you have: its key as PEM, or the three files of Certbot.",
    run=upload,
    schema=Upload,
    docs=Docs(
        examples=(
            "curl --form 'account_key_file_pem=@key.pem' --form 'acme_account_provider_id=1'"
            " --form 'account__contact=ops@example.com'"
            " --form 'account__private_key_cycle=single_certificate'"
            " {ADMIN}/acme-account/upload.json",
            "curl --form 'account_key_file_le_meta=@meta.json'"
            " --form 'account_key_file_le_pkey=@private_key.json'"
            " --form 'account_key_file_le_reg=@regr.json'"
            " --form 'account__private_key_cycle=single_certificate'"
            " {ADMIN}/acme-account/upload.json",
        ),
        single_example=False,
        notes=("The CA is not asked: check the account to see whether it knows the key.",),
        related_fields=selection.FILES_TOGETHER,
        options=selection.providers,
    ),
    button="Upload account",
)

EDIT = Action(
    "edit",
    "Edit account",
    "Change which keys the account's certificates get, or store an external account binding for "
    "its next registration.",
    run=edit,
    schema=EditAccount,
    docs=Docs(
        examples=(
            "curl --form 'account__private_key_cycle=account_weekly'"
            " --form 'account__private_key_technology=EC' {ADMIN}/acme-account/1/edit.json",
        ),
        notes=("Left empty, the external account binding stays as it is.",),
        suggestions=selection.known_profiles,
    ),
    defaults=present,
)
