"""Pages of changes of agencies: prepared step by step, shown before anything moves, confirmed by another."""

import datetime as dt

import pytest

from agreements import keys
from portal.agencies.models import Agency
from tasks import changes
from tasks.models import ChangePlan
from tests import factories
from tests.factories import NOW, TODAY, certify
from tests.tasks import changing
from tests.tasks.changing import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
LIST = "/agency-changes/"


def form(department: Agency, **changed: object) -> dict[str, object]:
    given = {
        "kind": "rename",
        "effective_on": TODAY.isoformat(),
        "title_vi": "Đổi tên Sở Xây dựng",
        "legal_document": "125/QĐ-UBND",
        "document_on": "2026-02-20",
        "document_subject": "Về việc đổi tên",
        "predecessors": [department.pk],
        "successors": [],
    }
    return given | changed


@pytest.fixture
def plan(programme, department, officer) -> ChangePlan:
    """A split of the department between two new bodies: a draft."""
    new = [factories.AgencyFactory(code=code, valid_from=TODAY) for code in ("SXD-A", "SXD-B")]
    return changing.plan("split", [department], new, by=officer)


# --- Preparing ----------------------------------------------------------------------------------------
def test_a_change_is_prepared_shown_confirmed_and_carried_out(
    programme, department, officer, commander, focal_point, login
):
    browser = login(officer)
    answer = browser.post(f"{LIST}new/", form(department), follow=True)
    plan = ChangePlan.objects.get()
    assert "Chọn ít nhất một cơ quan kế thừa" in answer.content.decode()
    new = {
        "code": "SXD-2026", "name_vi": "Sở Xây dựng và Giao thông", "kind": "department",
        "signature_block": "GIÁM ĐỐC", "note": "toàn bộ",
    }  # fmt: skip
    answer = browser.post(f"{LIST}{plan.pk}/successor/", new, follow=True)
    body = answer.content.decode()
    assert "Sở Xây dựng và Giao thông" in body
    assert "1.01" in body  # what would move
    assert parts_of("1.01")[0] == "SXD"  # and has not
    browser.post(f"{LIST}{plan.pk}/propose/", {"version": answer.context["version"]})
    other = login(commander)
    page = other.get(f"{LIST}{plan.pk}/")
    assert page.context["may_confirm"]
    done = other.post(f"{LIST}{plan.pk}/confirm/", {"version": page.context["version"]}, follow=True)
    assert parts_of("1.01")[0] == "SXD-2026"
    assert "Đã thực hiện" in done.content.decode()
    seen = login(focal_point).get("/agencies/SXD-2026/").content.decode()
    assert "125/QĐ-UBND" in seen  # where it came from, and by which document
    assert 'href="/agencies/SXD/"' in seen


def test_bad_form_keeps_its_words(department, officer, login):
    sent = form(department, effective_on="32/13/2026", title_vi="Đổi tên giữa năm")
    answer = login(officer).post(f"{LIST}new/", sent)
    assert answer.status_code == 400
    assert "Đổi tên giữa năm" in answer.content.decode()
    assert not ChangePlan.objects.exists()


def test_choices_are_kept_and_a_stale_page_is_told(plan, officer, login):
    browser = login(officer)
    page = browser.get(f"{LIST}{plan.pk}/")
    fields = {line.field.html_name: line.row.options[1].pk for line in page.context["preview"].duties}
    sent = fields | {"version": page.context["version"]}
    for line in page.context["preview"].people:
        sent[line.field.html_name] = line.row.value
    assert browser.post(f"{LIST}{plan.pk}/choose/", sent).status_code == 302
    assert set(plan.takeovers.values_list("successor__code", flat=True)) == {"SXD-B"}
    assert browser.post(f"{LIST}{plan.pk}/choose/", sent).status_code == 409


def test_facts_are_mended_and_a_draft_is_discarded(plan, department, officer, login):
    browser = login(officer)
    successors = list(plan.successors.values_list("agency", flat=True))
    sent = form(department, kind="split", title_vi="Tách", successors=successors)
    assert browser.post(f"{LIST}{plan.pk}/edit/", sent).status_code == 302
    assert "Tách" in browser.get(LIST).content.decode()
    browser.post(f"{LIST}{plan.pk}/discard/")
    assert not list(browser.get(LIST).context["plans"])


# --- Points to decide -----------------------------------------------------------------------------------
def test_certificate_of_a_head_is_a_point_to_decide_and_not_revoked(
    plan, head, officer, commander, login, settings, tmp_path
):
    settings.PKI_DIR = tmp_path / "pki"
    held = certify(head, pin=keys.derive_pin("2468-1357", n=2**10), at=NOW)
    page = login(officer).get(f"{LIST}{plan.pk}/")
    assert page.context["preview"].certificates == [held]
    changing.carry_out(plan, by=officer, then=commander)
    held.refresh_from_db()
    assert held.revoked_at is None


# --- Who sees it ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["head", "focal_point", "viewer", "front_head"])
def test_draft_is_not_there_for_others(cast, plan, login, name):
    browser = login(getattr(cast, name))
    assert browser.get(f"{LIST}{plan.pk}/").status_code == 404
    assert not list(browser.get(LIST).context["plans"])


def test_members_see_what_was_carried_out_without_people(plan, officer, commander, front_head, login):
    changing.carry_out(plan, {"1.01": "SXD-B"}, by=officer, then=commander)
    page = login(front_head).get(f"{LIST}{plan.pk}/")
    assert page.context["preview"] is None
    assert {row.assignment.code for row in page.context["taken"]} == {"1.01", "1.02"}
    assert officer.get_full_name() not in page.content.decode()


def test_old_agency_is_reachable_and_says_what_it_became(plan, officer, commander, front_head, login):
    changing.carry_out(plan, by=officer, then=commander)
    body = login(front_head).get("/agencies/SXD/").content.decode()
    assert "SXD-A" in body
    assert "1234/QĐ-UBND" in body


def test_leads_of_one_name_are_told_apart_in_the_list(programme, department, officer, commander, login):
    new = factories.AgencyFactory(code="SXD-2026", name_vi=department.name_vi, valid_from=TODAY)
    plan = changing.plan("rename", [department], [new], by=officer)
    row = programme.assignments.get(code="1.01")
    type(row).objects.filter(pk=row.pk).update(status="confirmed", submitted_on=TODAY)
    factories.AssignmentFactory(task=row.task, code="1.09", lead=department)
    changing.carry_out(plan, by=officer, then=commander)
    body = login(officer).get("/assignments/").content.decode()
    assert "Sở Xây dựng (đến 09/03/2026)" in body
    assert "Sở Xây dựng (SXD-2026)" in body


# --- Cost -----------------------------------------------------------------------------------------------
def test_pages_take_a_fixed_number_of_queries(
    plan, programme, department, front, officer, login, django_assert_max_num_queries
):
    browser = login(officer)
    browser.get(LIST)
    task = programme.priority_tasks.first()
    for number in range(10, 25):
        row = factories.AssignmentFactory(task=task, code=f"1.{number}", lead=department)
        factories.CoordinationFactory(assignment=row, agency=front)
        factories.MembershipFactory(agency=department)
        other = factories.AgencyFactory(valid_from=TODAY)
        on = TODAY + dt.timedelta(days=number)
        changing.plan("rename", [front], [other], by=officer, on=on)
    with django_assert_max_num_queries(20):
        browser.get(LIST)
    with django_assert_max_num_queries(53):
        browser.get(f"{LIST}{plan.pk}/")
    assert changes.due(TODAY).count() == 0


def test_draft_assignments_stay_out_of_what_members_see(plan, officer, commander, head, front_head, login):
    draft = factories.ProgrammeFactory(year=2027, host=officer.post.agency, state="draft")
    agency = head.post.agency
    factories.SignatoryFactory(programme=draft, agency=agency, order=1)
    task = factories.PriorityTaskFactory(programme=draft)
    factories.AssignmentFactory(task=task, code="9.09", lead=agency)
    changing.carry_out(plan, by=officer, then=commander)
    seen = {row.assignment.code for row in login(front_head).get(f"{LIST}{plan.pk}/").context["taken"]}
    assert seen == {"1.01", "1.02"}
    assert "9.09" in {row.assignment.code for row in login(officer).get(f"{LIST}{plan.pk}/").context["taken"]}


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31"])
def test_day_long_ago_is_no_effective_day(department, officer, login, day):
    assert login(officer).post(f"{LIST}new/", form(department, effective_on=day)).status_code == 400
    assert not ChangePlan.objects.exists()
