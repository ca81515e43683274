"""What becomes of a request to do something: the form or the help, the deed, and its answer."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from ..errors import (
    Conflict,
    Failed,
    FieldErrors,
    InvalidTransition,
    SslersError,
    SwitchedOff,
)
from .api_docs import docs_of, form_fields
from .form_errors import form_errors
from .pages import found, wants_json
from .redirects import as_query_text, form_errors_as_query_text, see_other
from .resource import Action, Done, Resource
from .schemas import Form
from .shown import Answer, Custom, DocsPage, FormPage
from .submitted import MAX_BODY, BadBody, Submitted, submitted

Shown: TypeAlias = Answer | Custom | DocsPage | FormPage | HTTPSeeOther


def action_page(resource: Resource | None, action: Action, request: Request) -> Shown:
    """GET explains or shows the form; POST does it. Each error is answered here and only here."""
    on_object = resource is not None and "id" in request.matchdict
    obj = found(request, resource) if resource and on_object else None
    call = Call(resource, action, request, obj)
    if request.method != "POST":
        return call.explained()
    try:
        call.fields = submitted(request, call.max_body, query_too=action.query_too)
        values = read(action, call.fields)
        done = action.run(request.ctx, obj, values)
    except FieldErrors as exc:
        return call.refused(exc)
    except SslersError as exc:
        return call.failed(exc)
    return call.succeeded(done)


def switched_off(request: Request, error: SwitchedOff) -> HTTPSeeOther:
    """To the overview: the part's own pages are off, too."""
    text = as_query_text(str(error))
    return see_other(request, "", f"result=error&error={text}", said=text)


def read(action: Action, fields: Submitted) -> dict[str, Any]:
    """The form's values. Raises FieldErrors."""
    schema = action.schema
    return schema.read(fields) if issubclass(schema, Form) else {}


class Call:
    """One request to an action, and the ways to answer it."""

    def __init__(
        self, resource: Resource | None, action: Action, request: Request, obj: Any
    ) -> None:
        self.resource = resource
        self.action = action
        self.request = request
        self.obj = obj
        self.json = action.always_json or wants_json(request)
        self.fields: Submitted = {}

    @property
    def max_body(self) -> int:
        own = self.action.max_body
        return own(self.request.ctx.settings) if own else MAX_BODY

    @property
    def path(self) -> str:
        """The action's own path below the admin root."""
        path = str(self.request.path_info).removeprefix(self.request.registry.resources.root)
        return path.removesuffix(".json")

    def explained(self) -> Shown:
        """The answer to a GET."""
        reason = self._not_possible()
        if reason and (self.action.check_on_get or not self._asks_for_post()):
            return self.failed(InvalidTransition(reason))
        if self.json or "help" in self.request.GET:
            docs = docs_of(self.action, self.request.ctx, self.request.shown_admin_url)
            return DocsPage(self.resource, self.obj, self.action, docs, self.path)
        if self._asks_for_post():
            return see_other(self.request, self._back(), self.action.get_query)
        return self._form()

    def _asks_for_post(self) -> bool:
        """Whether a GET is sent back; `?confirm` shows the form of such an action all the same."""
        if self.json:
            return True
        return bool(self.action.get_query) and "confirm" not in self.request.GET

    def _not_possible(self) -> str | None:
        possible = self.action.possible
        return possible(self.obj) if possible and self.obj is not None else None

    def _form(self) -> FormPage:
        defaults = self.action.defaults
        values = dict(defaults(self.request.ctx, self.obj)) if defaults else {}
        given = self.request.GET
        taken = form_fields(self.action) if "confirm" in given else self.action.prefill
        values |= {name: given[name] for name in taken if name in given}
        values = {**self.action.hidden, **values}
        return FormPage(self.resource, self.obj, self.action, values, path=self.path)

    def refused(self, error: FieldErrors, status: int = FieldErrors.status) -> Shown:
        """The form is wrong."""
        errors = form_errors(error)
        if self.json:
            self.request.response.status_int = status
            return Answer({"result": "error", "form_errors": errors, **self.action.error_json})
        if self.action.get_query:
            return self._sent_back(form_errors_as_query_text(errors), self._back())
        self.request.response.status_int = status
        return FormPage(self.resource, self.obj, self.action, self.fields, errors, path=self.path)

    def failed(self, error: SslersError) -> Shown:
        """The form is right, the deed went wrong. What came into being all the same is shown."""
        if error.retry_after_s is not None:
            seconds = str(math.ceil(error.retry_after_s))
            self.request.response.headers["Retry-After"] = seconds
        if self.json:
            return self._failed_json(error)
        is_told_on_form = isinstance(error, Conflict | BadBody) or (
            error.retry_after_s is not None and not isinstance(error, Failed)
        )
        if is_told_on_form and not self.action.get_query:
            return self.refused(FieldErrors(main=str(error)), error.status)
        if isinstance(error, SwitchedOff) and self.obj is None:
            return switched_off(self.request, error)
        path = None
        if isinstance(error, Failed):
            path = self.request.registry.resources.path_of(error.obj)
        return self._sent_back(as_query_text(str(error)), path or self._back())

    def _failed_json(self, error: SslersError) -> Answer:
        self.request.response.status_int = error.status
        document: dict[str, Any] = {"result": "error"}
        if self.action.operation:
            document["operation"] = self.action.operation
        document["error"] = str(error)
        if isinstance(error, Failed) and error.obj is not None:
            kind = self.request.registry.resources.of(type(error.obj))
            document[kind.json_name] = kind.as_json(error.obj, self.request.admin_url)
        return Answer({**document, **self.action.error_json, **error.told})

    def succeeded(self, done: Done) -> Shown:
        if self.json:
            operation = {"operation": self.action.operation} if self.action.operation else {}
            return Answer({"result": "success", **operation, **done.json})
        if done.page:
            return done.page
        query = done.query
        if query is None:
            query = f"result=success&operation={as_query_text(self._operation())}"
        return see_other(self.request, done.to or self._back(), query)

    def _operation(self) -> str:
        return self.action.html_operation or self.action.name.replace("/", "--")

    def _sent_back(self, text: str, path: str) -> HTTPSeeOther:
        operation = as_query_text(self.action.error_operation or self._operation())
        query = f"result=error&error={text}&operation={operation}"
        for name in self.action.echo:
            if name in self.fields:
                query += f"&{name}={as_query_text(str(self.fields[name]))[:80]}"
        return see_other(self.request, path, query, said=text)

    def _back(self) -> str:
        """Where the way leads when nothing else is said."""
        if self.action.back_to:
            return self.action.back_to.replace("{id}", str(getattr(self.obj, "id", "")))
        if self.resource is None:
            return ""
        if self.obj is None:
            return self.resource.many
        return f"/{self.resource.path}/{self.obj.id}"
