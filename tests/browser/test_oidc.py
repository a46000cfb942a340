"""Signing in at the province's identity provider, in Chromium, under the portal's strict policy."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests import oidc_provider
from tests.browser import demo
from tests.browser.conftest import Faults
from tests.browser.demo import Demo
from tests.oidc_provider import Provider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with oidc_provider.running(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def demo_server(
    built_demo: Demo, tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> Iterator[Demo]:
    """A demonstration that names the provider in its settings."""
    copied = demo.copy(built_demo, tmp_path_factory.mktemp("served") / "var")
    with demo.served(replace(copied, given=provider.settings())) as running:
        provider.allow(f"{running.url}/login/oidc/callback/")
        yield running


def go_and_come_back(page: Page, provider: Provider, name: str) -> None:
    page.goto("/login/")
    page.get_by_role("button", name="Đăng nhập bằng tài khoản của tỉnh").click()
    page.wait_for_url(f"{provider.host}/login/**")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(name)
    page.locator("[name=password]").press("Enter")


@pytest.mark.parametrize("script", [True, False])
def test_form_leads_there_and_back_although_forms_may_not_leave(
    new_context, provider: Provider, faults: Faults, script: bool
) -> None:
    faults.expect(f"left: {provider.host}")
    provider.know("snv.daumoi")
    page = new_context(java_script_enabled=script).new_page()
    go_and_come_back(page, provider, "snv.daumoi")
    expect(page.locator("details.drop .who-text").first).to_be_visible()


def test_head_is_asked_for_a_factor_here(new_context, provider: Provider, faults: Faults) -> None:
    faults.expect(f"left: {provider.host}")
    provider.know("stc.head")
    page = new_context().new_page()
    go_and_come_back(page, provider, "stc.head")
    expect(page).to_have_url(re.compile("/second-factor/code/$"))


def test_stranger_reads_what_to_do(new_context, provider: Provider, faults: Faults) -> None:
    faults.expect(f"left: {provider.host}")
    faults.expect("status of 403")
    provider.know("nguoi-la")
    page = new_context().new_page()
    go_and_come_back(page, provider, "nguoi-la")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa đăng nhập được")
    page.locator("main a.btn-primary").click()
    expect(page.locator("[name=login]")).to_be_visible()
