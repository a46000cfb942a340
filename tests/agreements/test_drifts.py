"""What is tracked is what was signed: every drift is named, with who made it."""

import datetime as dt

import pytest
from django.urls import reverse

from agreements import documents, drifts, sealing, verification
from agreements.verification import Exit
from portal.audit.events import record
from portal.files import store
from portal.lib.actions import action
from tasks.models import Assignment, PriorityTask
from tests.agreements.pdf_tools import append, replaced_page
from tests.factories import NOW, AgencyFactory
from tests.tasks import changing

LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def signed(document, sign, head, commander):
    for user in (commander, head):
        sign(document, user)
    document.refresh_from_db()
    return document


@pytest.fixture
def pdf(signed) -> bytes:
    return store.read(signed.head_id)


def paths(document) -> list[str]:
    report = drifts.verify_programme(document.programme, at=LATER)
    assert report.outcome is (Exit.BAD if report.drifts else Exit.GOOD)
    return [drift.path for drift in report.drifts]


def test_archive_time_stamp_is_no_signature(document):
    """The newest revision counts states of the file, not who has signed."""
    assert sealing.secure_all(at=NOW) == (1, 1)
    document.refresh_from_db()
    report = drifts.verify_programme(document.programme, at=LATER)
    assert (document.head_seq, report.reason) == (1, drifts.Reason.NOT_SIGNED)


def test_signed_programme_is_tracked_as_signed(signed):
    assert paths(signed) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"deadline_on": dt.date(2026, 4, 30)}, "assignments[1.01].deadline_on"),
        ({"title_vi": "Khác"}, "assignments[1.01].title"),
        ({"target": 11}, "assignments[1.01].target"),
        ({"code": "1.03"}, "assignments[1.01]"),
    ],
)
def test_changed_duty_is_named(signed, change, path):
    Assignment.objects.filter(code="1.01").update(**change)
    assert paths(signed)[0] == path


def test_changed_lead_is_named(signed, outside):
    Assignment.objects.filter(code="1.01").update(lead=outside)
    report = drifts.verify_programme(signed.programme, at=LATER)
    assert report.outcome is Exit.BAD
    assert ("assignments[1.01].lead", "SXD", "CTK") in [
        (drift.path, drift.signed, drift.tracked) for drift in report.drifts
    ]


def test_successor_by_a_change_of_agencies_is_no_drift(signed, department, officer, admin):
    """The law names who takes over; the signed text keeps the name of its day."""
    programme = signed.programme
    type(programme).objects.filter(pk=programme.pk).update(state="in_force", in_force_at=LATER)
    Assignment.objects.filter(programme=programme).update(status="assigned")
    new = AgencyFactory(code="SXD-2026", valid_from=NOW.date())
    plan = changing.plan("rename", [department], [new], by=officer, at=LATER)
    changing.carry_out(plan, by=officer, then=admin, at=LATER)
    assert Assignment.objects.get(code="1.01").lead == new
    assert paths(signed) == []


def test_changed_task_and_removed_duty_are_named(signed):
    PriorityTask.objects.filter(number=2).update(title_vi="Khác")
    Assignment.objects.get(code="2.01").delete()
    assert paths(signed) == ["assignments[2.01]", "tasks[2].title"]


def test_progress_and_adjusted_days_are_no_drift(signed):
    Assignment.objects.filter(code="1.01").update(status="in_progress", due_on=dt.date(2026, 9, 1))
    assert paths(signed) == []


def test_agency_renamed_in_the_register_is_noted_only(signed, department):
    department.name_vi = "Sở Xây dựng và Giao thông"
    department.save()
    report = drifts.verify_programme(signed.programme, at=LATER)
    assert report.outcome is Exit.GOOD
    assert [row.path for row in report.renamed] == ["agencies[SXD].name"]
    assert signed.fields.get(agency=department).agency_name == "Sở Xây dựng"


def test_decomposed_letters_in_a_row_are_no_drift(settled, officer, sign, commander):
    Assignment.objects.filter(code="1.01").update(title_vi="Quo\u0302\u0301c pho\u0300ng")
    frozen = documents.freeze(settled, by=officer, at=NOW)
    documents.open_round(frozen, by=officer, at=NOW)
    sign(frozen, commander)
    assert paths(frozen) == []


def test_programme_without_a_document_cannot_be_told(settled):
    assert drifts.verify_programme(settled, at=LATER).outcome is Exit.CANNOT_TELL


def test_frozen_text_that_nobody_signed_cannot_be_told(document):
    assert drifts.verify_programme(document.programme, at=LATER).outcome is Exit.CANNOT_TELL


def test_withdrawn_document_does_not_count(document, officer):
    documents.withdraw(document, by=officer, at=NOW, reason="Sai thời hạn")
    assert drifts.verify_programme(document.programme, at=LATER).outcome is Exit.CANNOT_TELL


def test_file_whose_signatures_do_not_hold_is_bad(signed, pdf):
    """Somebody with database and disk puts another file in place, its name right."""
    stray = store.put(append(pdf, replaced_page), media_type="application/pdf", at=NOW)
    type(signed).objects.update(head=stray)
    assert drifts.verify_programme(signed.programme, at=LATER).outcome is Exit.BAD


def test_missing_file_is_bad(signed):
    store.path_of(signed.head_id).unlink()
    assert drifts.verify_programme(signed.programme, at=LATER).outcome is Exit.BAD


def test_agency_of_another_code_beside_a_renamed_one_is_a_drift(signed, front):
    """A name may change in the register; who coordinates may not."""
    Assignment.objects.get(code="1.01").coordinations.update(agency=AgencyFactory(code="MOI"))
    assert paths(signed) == ["assignments[1.01].coordinating[MOI]", "assignments[1.01].coordinating[UBMTTQ]"]


# --- From stored verdicts, in words, on the page ---------------------------------------------------
def quick(document) -> drifts.ProgrammeReport:
    return drifts.verify_programme(document.programme, at=LATER, in_full=False)


def test_stored_verdicts_say_the_same_once_every_signature_is_checked(signed):
    assert quick(signed).outcome is Exit.CANNOT_TELL
    verification.check_next(at=LATER)
    assert quick(signed).outcome is Exit.GOOD
    signed.signatures.filter(seq=1).update(check_state="bad")
    assert quick(signed).outcome is Exit.BAD


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("assignments[1.01].deadline_on", "nhiệm vụ 1.01, thời hạn"),
        ("clauses.purpose[1].text", "điều khoản, "),
        ("symbol", "symbol"),
    ],
)
def test_path_is_put_into_words(path, words):
    assert drifts.where(path).lower().startswith(words)


@action
def change(assignment: Assignment, by, **values) -> None:
    before = {name: str(getattr(assignment, name)) for name in values}
    Assignment.objects.filter(pk=assignment.pk).update(**values)
    after = {name: str(value) for name, value in values.items()}
    record("assignment.changed", assignment, by=by, at=LATER, payload={"before": before, "after": after})


def test_who_changed_it_is_told_from_the_trail(signed, admin):
    row = Assignment.objects.get(code="1.01")
    change(row, admin, title_vi="Khác")
    Assignment.objects.filter(code="1.01").update(target=77)
    told = {one.where: one for one in drifts.told(signed.programme, quick(signed).drifts)}
    by_hand, past_the_portal = (
        told[drifts.where(f"assignments[1.01].{name}")] for name in ("title", "target")
    )
    assert (by_hand.event.actor_label, by_hand.signed, by_hand.tracked) == (
        admin.get_full_name(), "Quy hoạch đất quốc phòng", "Khác"
    )  # fmt: skip
    assert (past_the_portal.event, past_the_portal.tracked) == (None, "77")


def test_change_before_the_freezing_is_not_to_blame(signed, admin):
    row = Assignment.objects.get(code="1.01")
    change(row, admin, title_vi="Khác")
    type(signed).objects.update(frozen_at=LATER + dt.timedelta(hours=1))
    assert [one.event for one in drifts.told(signed.programme, quick(signed).drifts)] == [None]


def address(document) -> str:
    return reverse("agreements:drifts", args=[document.pk])


def test_page_is_green_when_nothing_differs(signed, officer, login, now):
    verification.check_next(at=LATER)
    page = login(officer).get(address(signed)).content.decode()
    assert "alert-success" in page
    assert "<table" not in page


def test_page_lists_signed_and_tracked_and_who(signed, officer, admin, login, now):
    change(Assignment.objects.get(code="1.01"), admin, title_vi="Khác <b>")
    Assignment.objects.filter(code="1.02").update(deadline_on=dt.date(2026, 12, 1))
    page = login(officer).get(address(signed)).content.decode()
    assert "alert-danger" in page
    for words in ("Khác &lt;b&gt;", "Quy hoạch đất quốc phòng", admin.get_full_name(), "2026-12-01"):
        assert words in page


@pytest.mark.parametrize("who", ["officer", "commander", "clerk"])
def test_command_posts_see_the_page_and_its_link(signed, cast, login, now, who):
    browser = login(getattr(cast, who))
    assert browser.get(address(signed)).status_code == 200
    for page in (reverse("agreements:detail", args=[signed.pk]), reverse("programmes:detail", args=[2026])):
        assert address(signed) in browser.get(page).content.decode()


@pytest.mark.parametrize(("who", "status"), [("head", 403), ("viewer", 403), ("stranger", 404)])
def test_others_do_not(signed, cast, login, who, status):
    browser = login(getattr(cast, who))
    assert browser.get(address(signed)).status_code == status
    if status == 403:
        assert (
            address(signed)
            not in browser.get(reverse("agreements:detail", args=[signed.pk])).content.decode()
        )
