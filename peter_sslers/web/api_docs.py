"""What an action's help says, from the same schema that checks its form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .resource import Action, Resource
from .schemas import FormField

if TYPE_CHECKING:
    from ..lib.context import Context

POST_REQUIRED = "HTTP POST required"


def form_fields(action: Action) -> dict[str, FormField]:
    """The fields of an action's form, in the order of their declaration."""
    return {n: f for n, f in action.schema().fields.items() if isinstance(f, FormField)}


def docs_of(action: Action, ctx: Context, admin_url: str) -> dict[str, Any]:
    """The JSON that a GET of an action answers; keys that have nothing to say are left out."""
    docs = action.docs
    fields = form_fields(action)
    options: dict[str, Any] = {n: list(f.choices) for n, f in fields.items() if f.choices}
    if docs.options:
        options |= docs.options(ctx)
    warnings = docs.warnings(ctx) if docs.warnings else ()
    examples = [text.replace("{ADMIN}", admin_url) for text in docs.examples]
    document: dict[str, Any] = {
        "instructions": [*(docs.instructions or (action.about,)), POST_REQUIRED, *warnings],
        "example" if docs.single_example else "examples": examples,
        "form_fields": {name: field.hint or field.label for name, field in fields.items()},
        "valid_options": options,
        "form_fields_related": [list(names) for names in docs.related_fields],
        "notes": list(docs.notes),
        "requirements": list(docs.requirements),
    }
    return {key: value for key, value in document.items() if value}


def curl(action: Action, url: str, values: dict[str, Any]) -> str:
    """The call of a form from a shell: with the values given, or with what each field may be."""
    lines = ["curl"]
    for name, field in form_fields(action).items():
        value = values.get(name) or field.default
        if field.kind == "file":
            if field.required:
                lines.append(f"--form '{name}=@{name}.pem'")
        elif isinstance(value, str) and value and field.kind != "password":
            lines.append(f"--form {_quoted(f'{name}={value}')}")
        elif field.required:
            lines.append(f"--form '{name}={next(iter(field.choices), '…')}'")
    if len(lines) == 1:
        lines.append("--request POST")
    return " \\\n  ".join([*lines, url])


def openapi(
    actions: Iterable[tuple[str, Resource | None, Action]],
    resources: Iterable[Resource],
    admin_url: str,
) -> dict[str, Any]:
    """The OpenAPI 3.1 document; `actions` are (path, kind or None, action)."""
    paths: dict[str, Any] = {}
    for resource in resources:
        for listing in resource.listings:
            path = f"{resource.many}/{listing.name}".rstrip("/")
            paths[f"{path}.json"] = {"get": _reading(listing.label)}
            if resource.pagination:
                paths[f"{path}/{{page}}.json"] = {
                    "get": _reading(listing.label, _parameter("page"))
                }
        if resource.focus:
            one = f"/{resource.path}/{{id}}"
            paths[f"{one}.json"] = {"get": _reading(resource.label, _parameter("id"))}
            for related in resource.related:
                paths[f"{one}/{related.name}.json"] = {
                    "get": _reading(f"{resource.label}: {related.label}", _parameter("id"))
                }
    for path, kind, action in actions:
        suffix = "" if action.always_json else ".json"
        paths[path + suffix] = {"post": _acting(kind, action, "{id}" in path)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Peter SSLers", "version": "1"},
        "servers": [{"url": admin_url}],
        "paths": dict(sorted(paths.items())),
    }


def _reading(label: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": label,
        "parameters": list(parameters),
        "responses": {"200": {"description": label}},
    }


def _acting(kind: Resource | None, action: Action, on_object: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "summary": f"{kind.label}: {action.label}" if kind else action.label,
        "description": action.about,
        "parameters": [_parameter("id")] if on_object else [],
        "responses": {
            "200": {"description": 'Done: {"result": "success", …}'},
            "400": {"description": 'A field is wrong: {"result": "error", "form_errors": …}'},
        },
    }
    fields = form_fields(action)
    if fields:
        schema = {
            "type": "object",
            "properties": {name: _property(field) for name, field in fields.items()},
            "required": [name for name, field in fields.items() if field.required],
        }
        document["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
    return document


def _property(field: FormField) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "integer" if field.kind == "number" else "string"}
    if field.kind == "file":
        kind["contentMediaType"] = "application/octet-stream"
    if field.choices:
        kind["enum"] = list(field.choices)
    return {**kind, "description": field.hint or field.label}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _quoted(text: str) -> str:
    """For a POSIX shell, inside of single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"
