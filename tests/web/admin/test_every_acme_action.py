"""Every action of the ACME kinds: page and JSON, done and refused, as the contract has it.

The table is acme_actions, acme_order_actions and acme_provider_actions. What only a CA can bring
about is proved by the tests that the table names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .acme_actions import ACCOUNTS, MISSING, Deed, No, Yes
from .acme_order_actions import ORDERS, PARTS
from .acme_provider_actions import PROVIDERS
from .acme_site import Site
from .world import World

HERE = Path(__file__).parent
FORM_ERROR = "There was an error with your form."
TABLE = {**ACCOUNTS, **PROVIDERS, **ORDERS, **PARTS}
# Kinds that are not built yet, and certificates, whose actions the next part of the contract has.
OTHERS = re.compile(r"/(?!acme-)")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all that is refused, for it changes nothing."""
    site = Site(tmp_path_factory.mktemp("world"))
    yield World(site)
    site.close()


def at(path: str, number: object) -> str:
    return path.replace("{id}", str(number))


def query_text(text: str) -> str:
    return text.replace(" ", "+")


def back_of(path: str, deed: Deed, number: object) -> str:
    """Where a failure leads, with the sign that its query begins with."""
    back = at(deed.back or path.split("{id}")[0] + "{id}", number)
    return back if "?" in back else f"{back}?"


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(path, case, id=f"{path} {number}")
        for path, deed in TABLE.items()
        for number, case in enumerate(getattr(deed, kind))
    ]


def test_every_action_is_in_the_table(site: Site) -> None:
    actions = site.http.app.registry.resources.actions
    assert {path for path in actions if not OTHERS.match(path)} == TABLE.keys()


def test_every_action_is_done_here_or_by_a_named_test() -> None:
    for path, deed in TABLE.items():
        assert deed.yes or deed.proofs, path
        assert deed.no or path.endswith(("sync", "directory")), path
        for proof in deed.proofs:
            file, _, name = proof.partition("::")
            assert f"def {name}(" in (HERE / file).read_text(), proof


@pytest.mark.parametrize("path", TABLE)
def test_get_explains(world: World, path: str) -> None:
    deed = TABLE[path]
    number = world.ids.get(deed.on, "")
    document = world.site.json(f"{at(path, number)}.json")
    assert "HTTP POST required" in document["instructions"]
    assert document.get("form_fields", {}).keys() == set(deed.docs.split())
    if not deed.get:
        page = world.site.get(at(path, number))
        assert all(f'name="{name}"' in page for name in deed.docs.split() if name in deed.right)
        return
    back = at(deed.back.partition("?")[0] or path.split("{id}")[0] + "{id}", number)
    assert world.site.location(world.site.get(at(path, number), status=303)) == f"{back}?{deed.get}"


@pytest.mark.parametrize("path", [path for path in TABLE if "{id}" in path])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    for number in ("999999", "9" * 30):
        for send in (world.site.get, world.site.post):
            answer = send(f"{at(path, number)}.json", status=404).json
            assert answer["code"] == "404 Not Found"
            assert f"#{number}" in answer["message"]
            assert f"#{number}" in send(at(path, number), status=404)


@pytest.mark.parametrize(("path", "case"), cases("no"))
def test_what_is_refused(world: World, path: str, case: No) -> None:
    deed = TABLE[path]
    number = world.ids.get(case.on or deed.on, "")
    fields = world.fields({} if case.form is None else deed.right, case.fields)
    answer = world.site.post(f"{at(path, number)}.json", fields, status=case.status).json
    page = world.site.post(at(path, number), fields, status=(303, case.status))
    if case.form is None:
        told = refused_in_json(answer, deed, case)
    else:
        told = refused_on_form(answer, case)
        if not deed.get:
            assert page.status_int == case.status
            for name, text in answer["form_errors"].items():
                assert name == "Error_Main" or f"<!-- for: {name} -->" in page
                assert text.removeprefix(FORM_ERROR).strip() in page.html.text
            return
    words = deed.words_of_failure or deed.words
    echo = f"&action={case.fields['action']}" if "action" in case.fields else ""
    assert world.site.location(page) == (
        f"{back_of(path, deed, number)}result=error&error={query_text(told)}"
        f"&operation={words}{echo}"
    )


def refused_in_json(answer: dict[str, Any], deed: Deed, case: No) -> str:
    """What was told."""
    told: str = answer["error"]
    assert told == case.said or (case.said == "*" and told)
    operation = {"operation": deed.operation} if deed.operation else {}
    assert answer == {"result": "error", **operation, "error": told}
    return told


def refused_on_form(answer: dict[str, Any], case: No) -> str:
    """The errors as a redirect has them."""
    assert set(answer) == {"result", "form_errors"}
    assert answer["result"] == "error"
    errors = answer["form_errors"]
    assert errors["Error_Main"] == f"{FORM_ERROR} {case.said}".strip()
    assert errors.keys() == {"Error_Main", *(case.form or ())}
    assert all(text in {errors[name], "*"} for name, text in (case.form or {}).items())
    return "---".join(sorted(f"{name}--{text}" for name, text in errors.items()))


@pytest.mark.parametrize("path", [path for path, deed in TABLE.items() if deed.right])
def test_a_form_names_what_it_lacks(world: World, path: str) -> None:
    deed = TABLE[path]
    where = at(path, world.ids.get(deed.on, ""))
    nothing = world.site.post(f"{where}.json", status=400).json
    assert nothing == {"result": "error", "form_errors": {"Error_Main": "Nothing submitted."}}
    assert "Nothing submitted." in world.site.post(where, status=400)
    required = {
        name
        for name, text in world.site.json(f"{where}.json")["form_fields"].items()
        if name in deed.right
    }
    for name in required:
        fields = world.fields(deed.right)
        del fields[name]
        if not fields:
            continue
        answer = world.site.post(f"{where}.json", fields, status="*")
        errors = answer.json.get("form_errors", {})
        assert answer.status_int == 400, (name, answer.text)
        assert name in errors or errors["Error_Main"] != FORM_ERROR
        assert errors.get(name, MISSING)


@pytest.mark.parametrize(("path", "case"), cases("yes"))
def test_what_needs_no_ca_is_done(tmp_path: Path, path: str, case: Yes) -> None:
    for face in ("page", "json"):
        (tmp_path / face).mkdir()
        site = Site(tmp_path / face)
        world = World(site)
        where = at(path, world.ids.get(case.on, ""))
        fields = world.fields(case.fields)
        if face == "json":
            answer = site.post(f"{where}.json", fields).json
            assert set(answer) == set(case.keys.split())
            assert answer["result"] == "success"
        else:
            page = site.post(where, fields, status=303)
            assert site.location(page) == world.told(case.to)
        site.close()


@pytest.mark.parametrize("path", [path for path, deed in TABLE.items() if deed.asks])
def test_a_ca_that_nobody_can_reach_is_told(site: Site, path: str) -> None:
    deed, world = TABLE[path], World(site)
    where = at(path, world.ids.get(deed.on, ""))
    answer = site.post(f"{where}.json", world.fields(deed.right), status=502).json
    assert answer["result"] == "error"
    assert answer.get("operation", "") == deed.operation
    assert "127.0.0.1:9 can not be reached" in answer["error"]
    page = site.location(site.post(where, world.fields(deed.right), status=303))
    path_, _, query = page.partition("?")
    assert re.match(r"result=error&error=.*127\.0\.0\.1:9\+can\+not\+be\+reached", query)
    assert query.endswith(f"&operation={deed.words_of_failure or deed.words}")
    site.get(path_)
    assert page.startswith("/")
