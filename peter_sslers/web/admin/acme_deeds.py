"""Actions without fields on the ACME kinds: all of them are answered alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...lib.context import Context
from ..resource import Action, Docs, Done

# What a deed needs of its kind: the word in its paths, and its key in the JSON.
ORDER = ("acme-order", "AcmeOrder")
AUTHORIZATION = ("acme-authorization", "AcmeAuthorization")
CHALLENGE = ("acme-challenge", "AcmeChallenge")


def deed(
    kind: tuple[str, str],
    name: str,
    label: str,
    about: str,
    do: Callable[[Context, Any], None],
    **more: Any,
) -> Action:
    """`POST /acme-order/{id}/acme-server/sync`; `more` are further attributes of the Action."""
    path, json_name = kind

    def run(ctx: Context, obj: Any, _values: dict[str, Any]) -> Done:
        do(ctx, obj)
        return Done({json_name: obj})

    words = name.replace("/", " ").replace("-", " ")
    query = f"result=error&operation={words.replace(' ', '+')}&message=HTTP+POST+required"
    docs = Docs(examples=(f"curl --request POST {{ADMIN}}/{path}/1/{name}.json",))
    return Action(
        name,
        label,
        about,
        run=run,
        docs=docs,
        get_query=query,
        html_operation=words,
        **{"operation": name, **more},
    )
