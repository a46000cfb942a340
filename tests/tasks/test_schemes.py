"""Schemes of several years: entered, amended, ended, passed on; who reads them; their pages."""

import datetime as dt
import io
import json

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from tasks import milestones, scheme_access, schemes
from tasks.models import Scheme
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing, scheming
from tests.tasks.scheming import COLUMNS, fresh, plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
OTHERS = ("clerk", "admin", "head", "focal_point", "viewer", "stranger")


@pytest.fixture
def scheme(programme, officer, department, front) -> Scheme:
    return scheming.enter(department, by=officer, coordinating=[front])


# --- Entering and amending --------------------------------------------------------------------------
def test_entered_with_its_document_and_agencies(scheme, department, front):
    assert (scheme.lead, list(scheme.coordinating.all())) == (department, [front])
    told = json.loads(Event.objects.get(verb="scheme.entered").payload)
    assert told["after"]["approval_number"] == "1234/QĐ-UBND"
    assert told["after"]["coordinating"] == [front.pk]


@pytest.mark.parametrize("name", OTHERS)
def test_others_enter_none(programme, department, cast, name):
    with pytest.raises(PermissionDenied):
        scheming.enter(department, by=getattr(cast, name))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"year_to": 2024}, "trước năm đầu"),
        ({"approved_on": TODAY + dt.timedelta(days=1)}, "không được sau hôm nay"),
        ({"title_vi": "TỐI MẬT"}, "bí mật"),
    ],
)
def test_what_cannot_be_one_is_refused(programme, department, officer, columns, words):
    with pytest.raises(RuleError, match=words):
        scheming.enter(department, by=officer, **columns)
    assert not Scheme.objects.exists()


def test_one_document_approves_one_scheme(scheme, department, officer):
    with pytest.raises(RuleError, match="văn bản này"):
        scheming.enter(department, by=officer, title_vi="Đề án khác")


def test_the_lead_does_not_also_coordinate(programme, department, officer):
    with pytest.raises(RuleError, match="không đồng thời"):
        scheming.enter(department, by=officer, coordinating=[department])


def amend(scheme, by, version="", **columns):
    given = scheming.facts(scheme.lead, scheme.coordinating.all(), **columns)
    version = version or schemes.version_of(scheme)
    schemes.amend(Scheme.objects.get(pk=scheme.pk), by=by, at=NOW, facts=given, version=version)


def test_amended_with_before_and_after(scheme, officer):
    amend(scheme, officer, year_to=2030)
    told = json.loads(Event.objects.get(verb="scheme.amended").payload)
    assert (told["before"], told["after"]) == ({"year_to": 2028}, {"year_to": 2030})


def test_the_same_again_leaves_no_event(scheme, officer):
    amend(scheme, officer)
    assert not Event.objects.filter(verb="scheme.amended").exists()


def test_amended_meanwhile_is_not_written_over(scheme, officer, commander):
    seen = schemes.version_of(scheme)
    amend(scheme, officer, year_to=2030)
    with pytest.raises(StaleError):
        amend(scheme, commander, version=seen, year_to=2029)
    scheme.refresh_from_db()
    assert scheme.year_to == 2030


def test_years_keep_their_milestones_inside(scheme, officer):
    plan(scheme, by=officer, due_on=dt.date(2028, 12, 1))
    with pytest.raises(RuleError, match="ngoài thời gian"):
        amend(scheme, officer, year_to=2027)


# --- Ending -----------------------------------------------------------------------------------------
def test_ended_once_every_milestone_is_settled(scheme, officer, head):
    row = plan(scheme, by=officer)
    with pytest.raises(RuleError, match="1"):
        schemes.end(scheme, by=officer, at=NOW, outcome="Hoàn thành")
    milestones.drop(fresh(row), by=officer, at=NOW, reason="Không còn phù hợp")
    with pytest.raises(PermissionDenied):
        schemes.end(scheme, by=head, at=NOW, outcome="Hoàn thành")
    with pytest.raises(RuleError):
        schemes.end(scheme, by=officer, at=NOW, outcome=" ")
    schemes.end(scheme, by=officer, at=NOW, outcome="Hoàn thành")
    scheme.refresh_from_db()
    assert (scheme.state, scheme.outcome) == ("ended", "Hoàn thành")


def test_what_has_ended_stays_as_it_is(scheme, officer):
    schemes.end(scheme, by=officer, at=NOW, outcome="Hoàn thành")
    with pytest.raises(RuleError, match="đã kết thúc"):
        amend(scheme, officer, year_to=2030)
    with pytest.raises(RuleError, match="đã kết thúc"):
        plan(scheme, by=officer)


# --- Agencies that change ---------------------------------------------------------------------------
def test_the_successor_leads_and_coordinates_once(scheme, department, front, officer, commander):
    old = factories.AgencyFactory(code="CU")
    scheme.coordinating.add(old)
    new = factories.AgencyFactory(code="MOI", valid_from=TODAY)
    planned = changing.plan("merge", [department, old], [new], by=officer)
    changing.carry_out(planned, by=officer, then=commander)
    scheme.refresh_from_db()
    assert (scheme.lead, list(scheme.coordinating.all())) == (new, [front])
    told = json.loads(Event.objects.get(verb="scheme.taken_over").payload)
    assert told["after"]["lead"] == new.pk


def test_what_has_ended_stays_with_whom_it_was(scheme, department, officer, commander):
    schemes.end(scheme, by=officer, at=NOW, outcome="Hoàn thành")
    new = factories.AgencyFactory(code="MOI", valid_from=TODAY)
    planned = changing.plan("rename", [department], [new], by=officer)
    changing.carry_out(planned, by=officer, then=commander)
    scheme.refresh_from_db()
    assert scheme.lead == department


def test_the_preview_counts_it(scheme, department, officer, login):
    new = factories.AgencyFactory(code="MOI", valid_from=TODAY)
    planned = changing.plan("rename", [department], [new], by=officer)
    page = login(officer).get(planned.get_absolute_url())
    assert page.context["preview"].counts.schemes == 1


# --- Who reads --------------------------------------------------------------------------------------
def test_read_by_those_who_take_part_and_the_command(scheme, cast):
    seen = {name for name, user in vars(cast).items() if scheme_access.visible_schemes(user).exists()}
    assert seen == {"officer", "commander", "clerk", "front_head", "head", "deputy", "focal_point"}


def test_pages_are_for_who_sees_them(scheme, officer, cast, login):
    row = plan(scheme, by=officer)
    for name, status in {"head": 200, "front_head": 200, "clerk": 200, "stranger": 404, "admin": 404}.items():
        client = login(getattr(cast, name))
        assert client.get(scheme.get_absolute_url()).status_code == status, name
        assert client.get(row.get_absolute_url()).status_code == status, name
    assert login(cast.viewer).get("/schemes/").status_code == 403
    assert login(cast.head).get("/schemes/new/").status_code == 403


# --- Pages ------------------------------------------------------------------------------------------
def test_the_officer_keeps_schemes_from_their_pages(programme, department, front, officer, login):
    client = login(officer)
    assert "Chưa có đề án" in client.get("/schemes/").text
    assert client.get("/schemes/new/").status_code == 200
    typed = {**COLUMNS, "lead": department.pk, "coordinating": [front.pk]}
    assert client.post("/schemes/new/", {**typed, "title_vi": ""}).status_code == 400
    assert client.post("/schemes/new/", {**typed, "year_to": 2020}).status_code == 400
    assert client.post("/schemes/new/", typed).status_code == 302
    scheme = Scheme.objects.get()
    page = scheme.get_absolute_url()
    version = schemes.version_of(scheme)
    assert client.get(f"{page}amend/").context["form"].initial["version"] == version
    sent = {**typed, "year_to": 2030, "version": version}
    assert client.post(f"{page}amend/", sent).status_code == 302
    stale = client.post(f"{page}amend/", {**sent, "title_vi": "Đề án khác", "coordinating": []})
    assert stale.status_code == 409
    assert all(words in stale.text for words in ("Đề án khác", COLUMNS["title_vi"], front.name))
    assert client.post(f"{page}plan/", {"title": "Sơ kết"}).status_code == 400
    outside = {"title": "Sơ kết", "due_on": "2040-01-01"}
    assert "Sơ kết" in client.post(f"{page}plan/", outside).text
    assert client.post(f"{page}plan/", {"title": "Sơ kết", "due_on": "2027-06-30"}).status_code == 302
    found = client.get(page)
    assert [year for year, _lines in found.context["years"]] == [2027]
    milestones.drop(scheme.milestones.get(), by=officer, at=NOW, reason="Thay đổi")
    assert client.post(f"{page}end/", {"outcome": ""}).status_code == 400
    assert client.post(f"{page}end/", {"outcome": "Hoàn thành"}).status_code == 302
    assert "Hoàn thành" in client.get(page).text


def test_the_list_counts_and_narrows(scheme, officer, login):
    plan(scheme, by=officer, title="Quá hạn", due_on=TODAY - dt.timedelta(days=1))
    plan(scheme, by=officer, title="Còn hạn", due_on=TODAY + dt.timedelta(days=1))
    client = login(officer)
    (row,) = client.get("/schemes/").context["running"]
    assert (row.planned, row.reached, row.overdue, row.next_on) == (2, 0, 1, TODAY - dt.timedelta(days=1))
    assert client.get("/schemes/?kind=scheme").context["running"] == [row]
    assert client.get("/schemes/?kind=plan").context["running"] == []
    assert client.get("/schemes/?kind=x").context["running"] == [row]


def test_twenty_milestones_take_the_queries_of_one(
    scheme, programme, officer, login, django_assert_num_queries
):
    client, duty = login(officer), programme.assignments.get(code="1.01")
    for number in range(20):
        row = plan(scheme, by=officer, title=f"Mốc {number}")
        milestones.tie(row, by=officer, at=NOW, assignment=duty)
    client.get(scheme.get_absolute_url())
    with django_assert_num_queries(12):
        client.get(scheme.get_absolute_url())
    with django_assert_num_queries(6):
        client.get("/schemes/")


def test_the_workbook_has_a_row_for_each_milestone(scheme, officer, head, stranger, login):
    plan(scheme, by=officer, title="=Sơ kết")
    for user, there in ((officer, True), (head, True), (stranger, False)):
        sheet = load_workbook(io.BytesIO(b"".join(login(user).get("/schemes/export/")))).active
        cells = [cell.value for row in sheet.iter_rows() for cell in row]
        assert ("=Sơ kết" in cells) is there
