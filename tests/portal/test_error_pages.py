"""Pages of trouble: in the portal's look, and standing when little else does."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

CODES = ["400", "403", "404", "409", "413", "429", "500", "503"]
BARE = ["400", "500", "503"]


@pytest.mark.parametrize("code", CODES)
def test_it_renders_without_request_or_database(code: str) -> None:
    # No `db` fixture: a query would fail the test.
    html = render_to_string(f"{code}.html")
    assert "<h1>" in html
    assert f">{code}<" in html


@pytest.mark.parametrize("code", CODES)
def test_it_says_no_secrets_and_offers_a_way_on(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert 'class="strip"' in html
    assert 'class="btn btn-primary"' in html


@pytest.mark.parametrize("code", BARE)
def test_a_bare_page_needs_no_manifest(code: str, settings: object) -> None:
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    assert "/static/css/base.css" in render_to_string(f"{code}.html")


@pytest.mark.parametrize("code", CODES)
def test_every_file_it_names_exists(code: str) -> None:
    names = re.findall(r'(?:href|src)="/static/([^"#]+)', render_to_string(f"{code}.html"))
    assert names
    assert [name for name in names if finders.find(name) is None] == []


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_inline(code: str) -> None:
    html = render_to_string(f"{code}.html")
    assert not re.search(r"<style|\sstyle=|<script>|\son\w+=", html)


def test_the_not_found_page_does_not_name_the_address(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/reports/4711/")
    assert "4711" not in render_to_string("404.html", {"request": request, "request_path": request.path})


def test_a_refusal_says_its_reason() -> None:
    assert "Đang có nhiều người ký" in render_to_string("503.html", {"reason": "Đang có nhiều người ký."})


def test_a_stale_form_shows_both_versions() -> None:
    change = {"label": "Kết quả", "yours": "25 huyện", "now": "26 huyện"}
    html = render_to_string("409.html", {"changes": [change]})
    assert "25 huyện" in html
    assert "26 huyện" in html


def test_the_page_is_marked_with_its_language() -> None:
    with translation.override("en"):
        assert '<html lang="en">' in render_to_string("500.html")
