"""Signing in, in a real browser."""

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("username", ["bchqs.vanthu", "ubnd.xem"])
def test_password_is_enough_for_posts_without_second_factor(page: Page, login, username):
    login(page, username)
    expect(page.locator("h1")).to_be_visible()


def test_head_gives_a_one_time_code_too(page: Page, login):
    login(page, "stc.head")
    expect(page.locator("h1")).to_be_visible()


def test_wrong_password_says_so_beside_the_form(page: Page):
    page.goto("/login/")
    page.locator("[name=login]").fill("stc.head")
    page.locator("[name=password]").fill("không phải mật khẩu này")
    page.locator("[name=password]").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[name=login]")).to_have_value("stc.head")


def test_signing_out_closes_the_pages(page: Page, login):
    login(page, "ubnd.xem")
    page.locator("details:has([href='/logout/'], form[action='/logout/']) > summary").first.click()
    page.locator("form[action='/logout/'] button, a[href='/logout/']").first.click()
    page.goto("/")
    expect(page.locator("[name=login]")).to_be_visible()
