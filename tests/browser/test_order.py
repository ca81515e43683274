"""A certificate ordered by hand: the form, the order's page, the certificate's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ..services.pebble import Pebble
from ..services.peter import Peter, StartPeter, unused_name
from . import lynx
from .lynx import DOWN, ENTER, UP

NAMES = "#f-domain_names_http01"
SINGLE = "Do it all in this request"
MULTI = "Create it; one step with each acme-process"

in_chromium = pytest.mark.service("pebble", "chromium")
in_lynx = pytest.mark.service("pebble", "lynx")


@pytest.fixture(scope="module")
def peter(start_peter: StartPeter, pebble: Pebble) -> Iterator[Peter]:
    started = start_peter(pebble)
    started.account()
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser, peter: Peter) -> Iterator[Page]:
    """The form for a new order, as one comes to it from the overview; nothing may complain."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(peter.url)
    page.get_by_role("main").get_by_role("link", name="New order").click()
    yield page
    # Chromium logs the status of the page that shows the form's errors.
    assert [text for text in complaints if "status of 400" not in text] == []
    context.close()


def create_order(page: Page, name: str, how: str) -> None:
    page.locator(NAMES).fill(name)
    page.get_by_label(how).check()
    page.get_by_role("button", name="Create order").click()


def assert_certificate_is_linked(page: Page, name: str) -> None:
    expect(page.locator("h1")).to_contain_text("valid")
    expect(page.locator(".panel.next")).to_have_count(0)
    page.get_by_role("row", name="Certificate #").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(f"{name} active")


@in_chromium
def test_one_request_ends_with_the_certificate(page: Page) -> None:
    name = unused_name()
    create_order(page, name, SINGLE)
    assert_certificate_is_linked(page, name)


@in_chromium
def test_the_primary_button_leads_step_by_step_to_the_certificate(page: Page) -> None:
    name = unused_name()
    create_order(page, name, MULTI)
    button = page.locator(".panel.next button.primary")
    for _ in range(5):
        expect(page.locator("h1")).to_contain_text("ACME order #")
        if not button.count():
            break
        button.click()
    assert_certificate_is_linked(page, name)


@in_chromium
def test_a_wrong_name_is_told_at_its_field_and_the_input_is_kept(page: Page) -> None:
    create_order(page, "shop.example.com, not_a_name", MULTI)
    field = page.locator(NAMES)
    expect(field).to_have_value("shop.example.com, not_a_name")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#e-domain_names_http01")).to_contain_text("not_a_name")
    expect(page.get_by_label(MULTI)).to_be_checked()
    expect(page).to_have_title("Error: New order · Peter SSLers")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(field).to_be_focused()


@in_chromium
def test_the_field_of_a_choice_is_there_when_it_is_made(page: Page) -> None:
    field = page.locator("#f-account_key_existing")
    expect(field).to_be_hidden()
    page.get_by_label("Another account that is known here").check()
    expect(field).to_be_visible()
    expect(page.locator("#f-account_key_global_default")).to_be_hidden()


def keys_of_the_form(peter: Peter, name: str) -> list[str]:
    """From the overview: fill in the name, choose to do it all at once, press the button."""
    form = lynx.numbered(f"{peter.url}/acme-order/new/freeform")
    new_order = [*lynx.found("New order"), ENTER]
    # The first field comes after the link to the form's help.
    type_name = [*lynx.found("help page"), DOWN, ENTER, *lynx.typed(name), UP]
    choose = [*lynx.found("Cancel"), *lynx.moved(form, "Cancel", SINGLE), ENTER]
    press = [*lynx.moved(form, SINGLE, "Create order"), ENTER]
    return [*new_order, *type_name, *choose, *press]


@in_lynx
def test_lynx_orders_a_certificate(peter: Peter, tmp_path: Path) -> None:
    name = unused_name()
    text = lynx.read_after(peter.url, keys_of_the_form(peter, name), tmp_path)
    newest = peter.get("/acme-orders/all")["AcmeOrders"][0]
    assert newest["domains_as_list"] == [name]
    assert f"ACME order #{newest['id']} valid" in text
    assert f"Its certificate is #{newest['certificate_signed_id']}." in text


@in_lynx
def test_lynx_shows_what_is_wrong_and_what_was_typed(peter: Peter, tmp_path: Path) -> None:
    text = lynx.read_after(peter.url, keys_of_the_form(peter, "not_a_name"), tmp_path)
    assert "1 thing to correct" in text
    assert text.count("not_a_name") >= 3  # above the form, at the field, and in it
    assert "(*) Do it all in this request" in text
