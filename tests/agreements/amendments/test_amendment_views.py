"""The pages of an amendment: written, withdrawn, frozen, issued, and an old page that overwrites nothing."""

import datetime as dt

import pytest
from django.urls import reverse

from agreements import amendments
from agreements.models import Amendment, Document
from portal.audit.models import Event
from tasks.models import Assignment, Programme
from tests.agreements.amendments.conftest import CLOSES_ON, LATER, duty
from tests.factories import NOW


def url(name: str, *args) -> str:
    return reverse(f"agreements:{name}", args=args)


def typed(programme: Programme, of: str, **changes) -> dict:
    row = duty(programme, of)
    sent = {name: row[name] for name in ("title", "lead", "deadline_on", "indicator", "unit", "target")}
    return sent | {"coordinating": [part["code"] for part in row["coordinating"]]} | changes


def test_officer_writes_and_freezes_an_amendment_on_the_pages(issued, officer, login, now):
    browser = login(officer)
    assert url("amend", issued.pk) in browser.get(url("detail", issued.pk)).content.decode()
    sent = browser.post(url("amend", issued.pk), {"reason": "Thiên tai kéo dài", "closes_on": f"{CLOSES_ON}"})
    made = Amendment.objects.get()
    assert sent["Location"] == url("amendment", made.pk)
    later = typed(issued.programme, "1.01", deadline_on="2026-06-30")
    assert browser.get(url("amend_duty", made.pk, "1.01")).status_code == 200
    assert browser.post(url("amend_duty", made.pk, "1.01"), later).status_code == 302
    new = typed(issued.programme, "1.01", title="Diễn tập bổ sung", code="2.02")
    assert browser.post(url("amend_duty", made.pk, "new"), new).status_code == 302
    browser.post(url("withdraw_duty", made.pk, "1.02"))
    page = browser.get(url("amendment", made.pk)).content.decode()
    for words in ("Trước 31/03/2026", "Trước 30/06/2026", "Diễn tập bổ sung", "Tuyên truyền trong Nhân dân"):
        assert words in page
    browser.post(url("keep_duty", made.pk, "1.02"))
    frozen = browser.post(url("freeze_amendment", made.pk))
    document = Document.objects.get(kind="amendment")
    assert frozen["Location"] == url("detail", document.pk)
    detail = browser.get(url("detail", document.pk)).content.decode()
    assert url("detail", issued.pk) in detail


def test_programme_that_is_over_is_not_offered_for_amending(issued, officer, login, now):
    browser = login(officer)
    assert url("amend", issued.pk) in browser.get(url("detail", issued.pk)).content.decode()
    Programme.objects.update(state="closed")
    assert url("amend", issued.pk) not in browser.get(url("detail", issued.pk)).content.decode()


def test_old_page_neither_withdraws_a_duty_nor_takes_a_change_out(issued, officer, login, amendment, now):
    browser = login(officer)
    was = amendments.version_of(amendment, "1.01")
    assert f'name="version" value="{was}"' in browser.get(url("amendment", amendment.pk)).content.decode()
    later = typed(issued.programme, "1.01", deadline_on="2026-06-30")
    assert browser.post(url("amend_duty", amendment.pk, "1.01"), later).status_code == 302
    for name in ("withdraw_duty", "keep_duty"):
        assert browser.post(url(name, amendment.pk, "1.01"), {"version": was}).status_code == 409
    (change,) = amendments.changes_of(amendment)
    assert change["after"]["deadline_on"] == "2026-06-30"


@pytest.mark.parametrize("code", ["1.01", "2.02"])
def test_duty_that_was_written_meanwhile_is_not_written_over(amendment, officer, commander, login, now, code):
    """Of the signed text and a new one: the newest words stand beside, and are what is written on."""
    browser, page = login(officer), url("amend_duty", amendment.pk, code if code == "1.01" else "new")
    sent = typed(amendment.programme, "1.01", title="Bản của tôi", code=code)
    sent["version"] = browser.get(page).context["form"]["version"].value()
    theirs = duty(amendment.programme, "1.01", code=code, title="Bản của người kia", task=int(code[0]))
    amendments.put(amendment, by=commander, at=NOW, code=code, after=theirs)
    stale, newest = browser.post(page, sent), url("amend_duty", amendment.pk, code)
    assert stale.status_code == 409
    assert all(words in stale.text for words in ("Bản của tôi", "Bản của người kia", newest))
    assert "Bản của người kia" in amendment.changes.get().after
    sent["version"] = browser.get(newest).context["form"]["version"].value()
    assert browser.post(newest, sent).status_code == 302
    assert "Bản của tôi" in amendment.changes.get().after


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("1.01", {"lead": "CTK"}),
        ("1.01", {"coordinating": ["SXD"]}),
        ("1.01", {"deadline_on": "never"}),
        ("1.01", {"target": "-1"}),
        ("1.01", {}),
        ("new", {"code": "1.02"}),
        ("new", {"code": "9.01"}),
        ("new", {"code": "<b>"}),
    ],
)
def test_wrong_duty_comes_back_with_what_was_typed(amendment, officer, login, now, code, wrong):
    sent = typed(amendment.programme, "1.01") | wrong
    answer = login(officer).post(url("amend_duty", amendment.pk, code), sent)
    assert answer.status_code == 400
    assert "Quy hoạch đất quốc phòng" in answer.content.decode()
    assert not amendment.changes.exists()


def test_draft_is_unknown_to_everybody_but_the_command(written, cast, login, now):
    for who, status in (("commander", 200), ("clerk", 200), ("head", 404), ("viewer", 404), ("admin", 404)):
        assert login(getattr(cast, who)).get(url("amendment", written.pk)).status_code == status
    clerk = login(cast.clerk)
    assert clerk.get(url("amend_duty", written.pk, "1.01")).status_code == 403
    assert clerk.post(url("freeze_amendment", written.pk)).status_code == 403


def test_draft_is_dropped(amendment, officer, login, now):
    login(officer).post(url("drop_amendment", amendment.pk))
    assert not Amendment.objects.exists()
    assert Event.objects.latest("seq").verb == "amendment.dropped"


def test_clerk_issues_it_on_the_page_and_the_duties_change(closed, clerk, login, time_machine):
    time_machine.move_to(LATER, tick=False)
    login(clerk).post(url("issue", closed.pk), {"number": 2, "issued_on": f"{LATER:%Y-%m-%d}"})
    assert Assignment.objects.get(code="1.01").deadline_on == dt.date(2026, 6, 30)


def test_page_of_an_amendment_in_force_still_says_what_it_changed(in_force, amendment, officer, login, now):
    page = login(officer).get(reverse("agreements:amendment", args=[amendment.pk]))
    changes = [change for change, _version in page.context["changes"]]
    assert [change.code for change in changes] == ["1.01", "1.02", "2.02"]
    assert all(change.rows for change in changes)
    assert all(was != new for change in changes for _label, was, new in change.rows)
