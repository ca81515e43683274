"""Which buttons an object's page has: what may be done now, how, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .api_docs import form_fields
from .resource import Action, Button, Resource

if TYPE_CHECKING:
    from ..lib.context import Context


@dataclass(frozen=True)
class Shown:
    """One line under More actions or Danger."""

    label: str
    about: str
    path: str  # below the admin root
    hidden: Mapping[str, str]
    words: str  # on the button
    one_click: bool  # a POST; else a link to the form
    reason: str  # why it is not possible now, or ""
    danger: bool
    primary: bool
    form_id: str
    button_id: str

    @property
    def href(self) -> str:
        """The address of the form, which also asks to confirm."""
        return f"{self.path}?{urlencode({'confirm': '1', **self.hidden})}"


def buttons_of(ctx: Context, resource: Resource, obj: Any) -> list[Shown]:
    """Every action of an object that is not switched off, in the order of their declaration."""
    return [
        _shown(resource, obj, action, button)
        for action in resource.actions
        if not (action.is_off and action.is_off(ctx))
        for button in (action.buttons or (_only_button(action),))
    ]


def bulk_buttons(resource: Resource, prefix: str) -> Iterator[Shown]:
    """The one-click actions of a kind that stand on the list below `prefix`."""
    for form in resource.forms:
        if form.get_query and (form.at.startswith(prefix) or form.back_to == prefix):
            yield _shown(resource, None, form, _only_button(form))


def _only_button(action: Action) -> Button:
    return Button(
        label=action.label,
        about=action.about,
        hidden=action.hidden,
        possible=action.possible,
        danger=action.danger,
        form_id=action.form_id,
        button_id=action.button_id,
    )


def _shown(resource: Resource, obj: Any, action: Action, button: Button) -> Shown:
    hidden = {**action.hidden, **button.hidden}
    needs = {name for name, f in form_fields(action).items() if f.required} - set(hidden)
    danger = button.danger or action.danger
    one_click = bool(action.get_query) and not needs and not danger
    words = (action.button if not action.buttons else "") or button.label
    path = f"/{resource.path}/{getattr(obj, 'id', '')}/{action.name}"
    return Shown(
        label=button.label,
        about=button.about,
        path=action.at.replace("{id}", str(getattr(obj, "id", ""))) or path,
        hidden=hidden,
        words=words if one_click else f"{words}…",
        one_click=one_click,
        reason=_reason(action.possible, obj) or _reason(button.possible, obj),
        danger=danger,
        primary=action.primary,
        form_id=button.form_id,
        button_id=button.button_id,
    )


def _reason(possible: Callable[[Any], str | None] | None, obj: Any) -> str:
    return (possible(obj) or "") if possible and obj is not None else ""
