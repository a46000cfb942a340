"""The watch of conftest.py sees what it must: each test here does wrong on purpose."""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import Faults
from tests.browser.outside import Outside
from tests.source import files, text

ELSEWHERE = "http://elsewhere.invalid/picture.png"
FETCH = f"fetch('{ELSEWHERE}').catch(() => 0)"


@pytest.fixture
def caught(faults: Faults, outside: Outside):
    """Return caught(part): wait until a fault with the part is seen, see it turn the test red, forgive it."""

    def see(page, part: str, wanted: list[str] | None = None) -> None:
        for _attempt in range(50):
            if any(part in line for line in (faults.seen if wanted is None else wanted)):
                break
            page.wait_for_timeout(100)
        if wanted is None:
            with pytest.raises(AssertionError, match=re.escape(part)):
                faults.check()
        else:
            assert [line for line in wanted if part in line]

    yield see
    faults.seen.clear()
    outside.asked.clear()


def open_login(new_context, **options):
    page = new_context(**options).new_page()
    page.goto("/login/")
    return page


def test_request_to_another_host_is_refused_by_the_policy_and_told(new_context, caught):
    page = open_login(new_context)
    page.evaluate(FETCH)
    caught(page, "Content Security Policy")


def test_request_that_leaves_the_host_is_caught(new_context, caught, outside):
    page = open_login(new_context, bypass_csp=True)
    page.evaluate(FETCH)
    caught(page, f"left: {ELSEWHERE}")
    caught(page, "elsewhere.invalid", outside.asked)


def test_page_that_leads_away_is_caught(new_context, caught):
    page = open_login(new_context)
    page.evaluate(f"location.href = '{ELSEWHERE}'")
    caught(page, f"left: {ELSEWHERE}")


def test_request_to_another_port_is_caught(new_context, caught, outside):
    page = open_login(new_context, bypass_csp=True)
    page.evaluate(f"fetch('http://127.0.0.1:{outside.port}/').catch(() => 0)")
    caught(page, f"left: http://127.0.0.1:{outside.port}/")


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        (
            "document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))",
            "Security",
        ),
        ("console.error('a complaint of ours')", "a complaint of ours"),
        ("setTimeout(() => { throw new Error('a fault of ours') })", "a fault of ours"),
        ("fetch('/no/such/page/')", "status of 404"),
    ],
)
def test_fault_in_the_page_is_caught(new_context, caught, wrong, part):
    page = open_login(new_context)
    page.evaluate(wrong)
    caught(page, part)


def test_denied_feature_stays_denied(new_context, caught):
    page = open_login(
        new_context, permissions=["geolocation"], geolocation={"latitude": 19, "longitude": 105}
    )
    page.evaluate("navigator.geolocation.getCurrentPosition(() => 0, () => 0)")
    caught(page, "Permissions policy violation: Geolocation")


def test_nothing_is_asked_behind_the_page(visitor, outside: Outside):
    before = len(outside.by_pages)
    page = visitor("quantri")
    for path in ("/", "/admin/", "/verify/"):
        page.goto(path, wait_until="networkidle")
    page.wait_for_timeout(3000)
    assert outside.by_pages[before:] == []


def test_every_browser_of_a_test_is_watched():
    """A context made past the fixture must be given to Faults.watch in the same line."""
    made = [
        f"{path}: {line.strip()}"
        for path in files(".py", under=("tests/browser",))
        if path.name not in {"screenshots.py", "test_watch.py"}
        for line in text(Path(path)).splitlines()
        if "browser.new_context(" in line or "browser.new_page(" in line
    ]
    assert not [line for line in made if "watch(" not in line]
