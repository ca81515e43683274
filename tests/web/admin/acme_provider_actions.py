"""Every action on ACME servers, which are ours: see acme_actions."""

from __future__ import annotations

from .acme_actions import ACCOUNT_GET, EMPTY, MARKED, ORDER_GET, PEBBLE, Deed, No, Yes, form

PROVIDER = {"name": "step-ca", "directory": "https://step-ca.example.com/directory"}
NO_NAME = "Please enter up to 32 letters, digits, dots, hyphens and underscores"
NO_URL = "This is no URL: it has to begin with https://"
NO_LETTERS = "A URL has no letters beyond ASCII: write a name as xn--…, the rest with %"
PROVIDERS = {
    "/acme-account-provider/new": Deed(
        "",
        "name directory is_eab_required ca_bundle_pem",
        words="new",
        right=PROVIDER,
        asks=False,
        yes=(
            Yes(
                "/acme-account-provider/{next provider}?result=success&operation=new&is_created=1",
                "result AcmeAccountProvider is_created",
                fields=PROVIDER,
            ),
        ),
        no=(
            form(name=f": {EMPTY}"),
            form(name=f"a b: {NO_NAME}"),
            form(directory=f"nowhere: {NO_URL}"),
            form(directory=f"https://\u00e9.example.com/: {NO_LETTERS}"),
        ),
    ),
    "/acme-account-provider/{id}/edit": Deed(
        "other provider",
        "name directory is_eab_required ca_bundle_pem drop_ca_bundle",
        words="edit",
        right=PROVIDER,
        asks=False,
        yes=(
            Yes(
                "/acme-account-provider/{disabled provider}?result=success&operation=edit",
                "result AcmeAccountProvider",
                "disabled provider",
                PROVIDER,
            ),
        ),
        no=(
            form(name=f"a b: {NO_NAME}"),
            form(directory=f"nowhere: {NO_URL}"),
            No("old provider", "ca4 speaks acme-v1; it stays as it is.", PROVIDER, {}, 400),
        ),
    ),
    "/acme-account-provider/{id}/mark": Deed(
        "other provider",
        "action",
        words="mark",
        get=ACCOUNT_GET.format("mark"),
        asks=False,
        yes=tuple(
            Yes(
                f"/acme-account-provider/{{{on}}}?{MARKED}{to}",
                "result AcmeAccountProvider",
                on,
                {"action": to},
            )
            for on, to in (("other provider", "inactive"), ("disabled provider", "active"))
        ),
        no=tuple(
            No(on, said, {"action": to}, {}, 400)
            for on, to, said in (
                ("other provider", "active", "Already activated."),
                ("disabled provider", "inactive", "Already deactivated."),
                (
                    "default provider",
                    "inactive",
                    "It is the default: `certificate_authority` in the settings says so.",
                ),
            )
        ),
    ),
    "/acme-account-provider/{id}/acme-server/directory": Deed(
        "default provider",
        "",
        operation="acme-server/directory",
        words="acme+server+directory",
        get=ORDER_GET.format("acme+server+directory"),
        proofs=(
            "test_what_a_ca_offers.py::test_is_read_whenever_it_is_asked_for",
            PEBBLE,
        ),
    ),
}
