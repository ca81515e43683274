"""What the page says about the action that led to it, from the known words of its address."""

from __future__ import annotations

from dataclasses import dataclass

from pyramid.request import Request

from .redirects import vouched
from .resource import Action, Resources


@dataclass(frozen=True)
class Flash:
    css: str  # ok or bad
    first: str
    text: str = ""


def flash(request: Request) -> Flash | None:
    """The news for the top of the page.

    Text from the address is shown only where the cookie of our own redirect vouches for it;
    else whoever makes an operator follow a link could put words into our mouth.
    """
    result = request.GET.get("result")
    if request.method != "GET" or result not in {"success", "error", "existing"}:
        return None
    action = _action_of(request.registry.resources, request.GET.get("operation", ""))
    label = f" {action.label}." if action else ""
    if result != "error":
        return Flash("ok", "Done:" if label else "Done.", label)
    if request.GET.get("error", "").lower() in {"post required", "must post"} or (
        request.GET.get("message", "").lower().endswith("post required")
    ):
        return Flash("warn", "Nothing was done:", " use the button on this page, not its address.")
    told = _readable(vouched(request))
    if told:
        return Flash("bad", "Not done:", f"{label} {told}")
    return Flash("bad", "That did not work:" if label else "That did not work.", label)


def _readable(text: str) -> str:
    """`field--text---field--text` as sentences."""
    if "--" not in text:
        return text
    parts = [part.partition("--") for part in text.split("---")]
    return " ".join(
        tail if name == "Error_Main" or not mark else f"{name}: {tail}."
        for name, mark, tail in parts
    )


def _action_of(resources: Resources, operation: str) -> Action | None:
    if not operation:
        return None
    for _, action in resources.actions.values():
        if operation in _operations(action):
            return action
    return None


def _operations(action: Action) -> set[str]:
    named = {action.html_operation, action.error_operation, action.name.replace("/", "--")}
    # `html_operation` is written as it stands in the address, where `+` is a blank.
    return {word.replace("+", " ") for word in named if word}
