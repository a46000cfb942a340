"""Values written into the form of a finished page."""

import pytest

from portal.lib.filling import fill

PAGE = """<!doctype html>
<p>&nbsp;A &amp; B</p>
<form method="get" action="/here/"><input name="q" value="old"></form>
<form method="post" action="/here/">
<input type="hidden" name="version" value="7"><input name="title" value="old" required>
<textarea name="text" rows="3">
old &lt;words&gt;</textarea>
<select name="kind"><option value="a" selected>A</option><option value="b">B</option></select>
<input type="checkbox" name="tags" value="1" checked><input type="checkbox" name="tags" value="2">
<input type="password" name="pin"><button type="submit" formaction="/elsewhere/">x</button>
</form>
<form method="post" action="/other/"><input name="title" value="old"></form>
"""


def filled(*fields: tuple[str, str], to: str = "/here/") -> str:
    return fill(PAGE, lambda action: action == to, fields)[0]


def test_a_page_without_the_form_stays_letter_for_letter():
    assert filled(("title", "new"), to="/nowhere/") == PAGE


def test_only_what_was_typed_changes():
    page = filled(("title", 'new "title" <b>'), ("kind", "a"), ("tags", "1"))
    assert page == PAGE.replace(
        '<input name="title" value="old" required>',
        '<input name="title" required value="new &quot;title&quot; &lt;b&gt;">',
    )


def test_a_button_s_own_address_counts():
    assert 'value="new"' in filled(("title", "new"), to="/elsewhere/")


def test_text_keeps_its_lines_and_cannot_leave_the_field():
    page = filled(("text", "\nfirst\n</textarea><script>"))
    assert "\n\nfirst\n&lt;/textarea&gt;&lt;script&gt;</textarea>" in page


def test_choices_are_as_they_were_sent():
    page = filled(("kind", "b"), ("tags", "2"))
    assert '<option value="a">A</option><option value="b" selected>' in page
    assert (
        '<input type="checkbox" name="tags" value="1"><input type="checkbox" name="tags" value="2" checked>'
        in page
    )


@pytest.mark.parametrize("name", ["version", "pin"])
def test_tokens_and_secrets_stay_as_the_page_made_them(name):
    assert filled((name, "999"), ("kind", "a"), ("tags", "1")) == PAGE


def test_words_that_no_field_takes_are_handed_back():
    fields = [("title", "two words"), ("gone", "three more words"), ("flag", "on")]
    assert fill(PAGE, lambda action: action == "/here/", fields)[1] == ["three more words"]
