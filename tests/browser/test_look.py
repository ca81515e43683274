"""Every page of the admin in a real browser and in Lynx."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from peter_sslers.enums import AcmeEvent, AuthorizationStatus, ChallengeType, OrderStatus
from peter_sslers.settings import Settings
from peter_sslers.web.admin import RESOURCES
from peter_sslers.web.resource import Resource

from ..services.processes import find
from ..services.served import ServedThread
from ..web.admin.acme_site import ROOT, Site
from ..web.admin.test_overview import certificate

WIDTHS = (320, 390, 1280)
NAME = "a-rather-long-name.of-a-service.in-a-department.example.com"
OTHER = [
    "",
    "/settings",
    "/help",
    "/api",
    "/search",
    "/search?q=n1",
    "/search?q=%231",
    "/no-such-page",
    "/private-key/999",
    "/acme-order/2",
]
INI = {
    "certificate_authority": "pebble",
    "certificate_authority_protocol": "acme-v2",
    "sqlalchemy.url": "sqlite://",
}


def fill(site: Site) -> None:
    """One of what the pages of ACME show, and enough certificates for two pages."""
    with site.writing() as rows:
        account = rows.account(is_global_default=True)
        order = rows.order(account, NAME, f"www.{NAME}")
        authorization = rows.authorization(order, NAME)
        rows.authorization(
            order, f"www.{NAME}", acme_status_authorization=AuthorizationStatus.VALID
        )
        rows.challenge(authorization, ChallengeType.HTTP_01)
        rows.log(AcmeEvent.NEW_ORDER, acme_order_id=order.id, acme_account_id=account.id)
        rows.order(
            account,
            f"failed.{NAME}",
            acme_status_order=OrderStatus.INVALID,
            error=f"could not resolve “http://{NAME}/{'token' * 30}”",
        )
        for n in range(60):
            certificate(rows, f"n{n}.{NAME}", n)


def pages_of(kind: Resource) -> list[str]:
    """A kind's lists, its first object with the pages of its actions, its forms and their help."""
    found = [f"{kind.many}/{listing.name}".rstrip("/") for listing in kind.listings]
    for form in kind.forms:
        path = form.at or f"/{kind.path}/{form.name}"
        found += [f"{path}?help", path]
    if kind.focus:
        one = f"/{kind.path}/1"
        found += [one, *(f"{one}/{related.name}" for related in kind.related)]
        found += [f"{one}/{action.name}?confirm=1" for action in kind.actions if not action.at]
    return found


PAGES = [*OTHER, *(page for kind in RESOURCES for page in pages_of(kind))]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = Site(tmp_path_factory.mktemp("look"))
    settings: Any = Settings.from_ini(INI, {})
    site.settings = settings
    fill(site)
    application = site.http.app

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        environ["tests.site"] = site
        return application(environ, start_response)

    served = ServedThread(app)
    yield served.url + ROOT
    served.close()
    site.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def dump(url: str) -> str:
    """What Lynx shows of a page, 80 columns wide."""
    lynx = find("lynx") or "lynx"
    argv = [lynx, "-dump", "-nolist", "-width=80", "-display_charset=utf-8", url]
    done = subprocess.run(argv, capture_output=True, env={"no_proxy": "*"}, timeout=30)
    return done.stdout.decode()


@pytest.mark.service("chromium")
def test_no_page_scrolls_sideways_or_breaks_its_policy(url: str, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url} says {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url} fails {error}"))
    for path in PAGES:
        answer = page.goto(url + path)
        assert answer is not None
        assert answer.status < 500, path
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                complaints.append(f"{path} is {wide} wide at {width}")
    # Chromium logs each 404 that it is asked for.
    assert [text for text in complaints if "status of 404" not in text] == []


@pytest.mark.service("chromium")
def test_both_colour_schemes(url: str, browser: Browser) -> None:
    found = set()
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(url)
        found.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        context.close()
    assert len(found) == 2


@pytest.mark.service("chromium")
def test_keyboard_reaches_the_content_first(url: str, page: Page) -> None:
    page.goto(f"{url}/private-keys")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"


@pytest.mark.service("lynx")
def test_every_page_has_its_title_early_in_lynx(url: str) -> None:
    late = []
    for path in PAGES:
        lines = dump(url + path).splitlines()
        # Lynx begins an h1 in the first column, or centred; all else is indented by three.
        titles = [n for n, line in enumerate(lines, 1) if line[:1].strip()]
        if not titles or titles[0] > 15:
            late.append(path)
    assert late == []


@pytest.mark.service("lynx")
def test_actions_of_an_object_are_there_in_lynx(url: str) -> None:
    text = dump(f"{url}/acme-order/1")
    assert "(BUTTON) Sync" in text
    assert "More actions" in text
