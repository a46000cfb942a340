"""The forms of a page, found by where they lead: the same journey is walked in each language."""

from playwright.sync_api import Locator, Page


def form_of(page: Page, action: str) -> Locator:
    """Return the first form that leads there, unfolded."""
    return _unfolded(page.locator(f"main form[action$='{action}']").first)


def press(page: Page, action: str) -> None:
    """Press the button that leads there, of a form or sending it elsewhere; see that it was done."""
    elsewhere = page.locator(f"main button[formaction$='{action}']")
    button = elsewhere if elsewhere.count() else form_of(page, action).locator("button:not([formaction])")
    with page.expect_navigation():
        button.first.click()
    done(page)


def send(page: Page) -> None:
    """Send the one form of the page, and see that it was done."""
    with page.expect_navigation():
        page.locator("main form [type=submit]").last.click()
    done(page)


def fill(form: Locator | Page, **typed: str) -> None:
    """Type into fields by their names."""
    for name, words in typed.items():
        form.locator(f"[name={name}]").fill(words)


def done(page: Page) -> None:
    """See that the page says that it was done; else say what it complains of."""
    complaints = page.locator("main .alert-danger, main .invalid-feedback, main .trouble").all_inner_texts()
    assert page.locator(".messages .alert-success").count(), complaints


def _unfolded(form: Locator) -> Locator:
    for fold in form.locator("xpath=ancestor::details[not(@open)]").all():
        fold.locator("> summary").click()
    return form
