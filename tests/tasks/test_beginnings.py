"""A year begun from last year's text, or empty; and its points, settled one after the other."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied

from portal.agencies.models import AgencyChange, Succession
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.users.models import Membership, Role
from tasks import beginnings, points
from tasks.content import content
from tasks.models import Assignment, Indicator, JointIndicator, Programme, SeenPoint
from tasks.points import Kind
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.tasks.turning import begun, facts

NEXT = dt.date(2027, 1, 1)


@pytest.fixture
def text(programme, officer) -> Programme:
    """The draft of 2027, begun from the programme of 2026."""
    return begun(programme, officer)


def found(programme, kind=None):
    rows = points.open_points(Programme.objects.get(pk=programme.pk), today=TODAY)
    return [point for point in rows if kind in {None, point.kind}]


def replaced(department, *names, valid_to=dt.date(2026, 8, 31)):
    """End the department in the register; its successors begin the day after."""
    department.valid_to = valid_to
    department.save()
    change = AgencyChange.objects.create(
        reference="TD1", kind="merge", effective_on=valid_to + dt.timedelta(days=1), title_vi="Hợp nhất"
    )
    change.predecessors.add(department)
    made = [factories.AgencyFactory(code=name, valid_from=change.effective_on) for name in names]
    Succession.objects.bulk_create(Succession(change=change, agency=agency) for agency in made)
    return made


# --- Beginning --------------------------------------------------------------------------------------
def test_it_says_what_last_year_said(programme, text):
    before, after = content(programme), content(text)
    assert text.state == "draft"
    for part in ("signatories", "legal_bases", "tasks", "solutions", "agencies", "host", "co_host"):
        assert after[part] == before[part], part
    assert [row["code"] for row in after["assignments"]] == ["1.01", "1.02", "2.01"]
    for old, new in zip(before["assignments"], after["assignments"], strict=True):
        same = ("code", "lead", "coordinating", "cycle", "indicator", "unit", "target", "solutions", "task")
        assert [old[name] for name in same] == [new[name] for name in same]
        assert new["deadline_on"] == old["deadline_on"].replace("2026", "2027")


def test_each_duty_remembers_what_it_repeats(programme, text):
    for row in text.assignments.all():
        assert row.copied_from == programme.assignments.get(code=row.code)
        assert (row.status, row.actual, row.log.count()) == ("draft", 0, 0)


def test_years_in_the_text_move_along(programme, officer):
    programme.clauses.update(text="Tổng kết năm 2026, giai đoạn 2021-2025 theo Luật năm 2018")
    text = begun(programme, officer)
    assert text.clauses.get().text == "Tổng kết năm 2027, giai đoạn 2021-2025 theo Luật năm 2018"


def test_cancelled_and_added_duties_stay_behind(programme, officer):
    Assignment.objects.filter(code="1.02").update(status="cancelled")
    Assignment.objects.filter(code="2.01").update(is_added=True, conclusion_id=1)
    assert [row.code for row in begun(programme, officer).assignments.all()] == ["1.01"]


def test_how_it_is_measured_and_joint_targets_are_copied(programme, officer):
    row = programme.assignments.get(code="1.01")
    Indicator.objects.create(assignment=row, baseline=3, direction="lower", cycle="quarterly")
    joint = JointIndicator.objects.create(programme=programme, name_vi="Chung", unit_vi="văn bản", target=20)
    joint.parts.add(row)
    text = begun(programme, officer)
    copy = text.assignments.get(code="1.01")
    assert (copy.measure.baseline, copy.measure.direction, copy.measure.cycle) == (3, "lower", "quarterly")
    assert list(text.joint_indicators.get().parts.all()) == [copy]


def test_it_is_told_once(programme, text):
    event = Event.objects.get(verb="programme.begun")
    assert json.loads(event.payload) == {"year": 2027, "begun_from": 2026}


def test_beginning_empty_needs_nothing_but_a_post(host, officer):
    """A province with no programme yet: the host is the first party."""
    text = begun(None, officer)
    assert [party.agency for party in text.signatories.all()] == [host]
    assert text.begun_from is None
    assert found(text) == []


def test_empty_with_co_host(host, front, officer):
    text = beginnings.begin(facts(co_host=front), by=officer, at=NOW)
    assert [party.agency for party in text.signatories.all()] == [host, front]


@pytest.mark.parametrize(
    "name", ["clerk", "admin", "front_head", "head", "focal_point", "viewer", "stranger"]
)
def test_others_begin_nothing(cast, programme, name):
    with pytest.raises(PermissionDenied):
        begun(programme, getattr(cast, name))


def test_officer_of_another_agency_begins_nothing(programme, department):
    other = person("sxd.troly", Role.PROGRAMME_OFFICER, department)
    with pytest.raises(PermissionDenied):
        begun(None, other)


def test_a_year_has_one_programme(programme, text, officer):
    with pytest.raises(RuleError, match="2027"):
        begun(programme, officer)


def test_only_a_signed_text_of_an_earlier_year_is_copied(programme, text, officer):
    with pytest.raises(RuleError):
        begun(text, officer, year=2028)
    with pytest.raises(RuleError):
        begun(programme, officer, year=2025)


# --- Legal bases ------------------------------------------------------------------------------------
def test_a_lapsed_basis_is_pointed_out_and_dropped(programme, text, officer):
    basis = text.bases.get()
    basis.effective_to = dt.date(2026, 12, 1)
    basis.save()
    point = found(text, Kind.BASIS)[0]
    beginnings.drop_basis(text, by=officer, at=NOW, key=point.key)
    assert not text.bases.exists()
    assert programme.bases.exists(), "what was signed stays"
    assert not found(text, Kind.BASIS)


def test_an_amended_basis_is_settled_by_citing_what_amends_it(text, officer):
    basis = text.bases.get()
    factories.ProgrammeBasisFactory(programme=text, order=2)
    newer = factories.LegalBasisFactory(number="220/2025/NĐ-CP")
    basis.amended_by.add(newer)
    point = found(text, Kind.BASIS)[0]
    assert "220/2025/NĐ-CP" in point.what
    beginnings.cite(text, by=officer, at=NOW, key=point.key)
    cited = [row.basis for row in text.programmebasis_set.order_by("order")]
    assert cited[:2] == [basis, newer]
    assert len(cited) == 3
    assert not found(text, Kind.BASIS)


def test_what_amends_later_than_the_year_is_no_point(text):
    basis = text.bases.get()
    basis.amended_by.add(factories.LegalBasisFactory(effective_from=dt.date(2028, 1, 1)))
    assert not found(text, Kind.BASIS)


# --- Agencies ---------------------------------------------------------------------------------------
def test_one_successor_comes_in_everywhere(text, officer, department):
    (new,) = replaced(department, "SXD-2026")
    rows = found(text, Kind.AGENCY)
    assert [point.key.split(":")[1] for point in rows] == ["party", "lead", "share"]
    assert {point.proposed for point in rows} == {new}
    count = beginnings.replace_agencies(
        text, by=officer, at=NOW, choices={point.key: new.pk for point in rows}
    )
    assert count == 3
    assert not found(text, Kind.AGENCY)
    assert text.assignments.get(code="1.01").lead == new
    assert new in [party.agency for party in text.signatories.all()]
    assert text.signatories.count() == 3


def test_of_several_each_place_has_its_own(text, officer, department):
    first, second = replaced(department, "A-2026", "B-2026")
    rows = found(text, Kind.AGENCY)
    lead = next(point for point in rows if ":lead:" in point.key)
    assert lead.options == [first, second]
    beginnings.replace_agencies(text, by=officer, at=NOW, choices={lead.key: second.pk})
    assert text.assignments.get(code="1.01").lead == second
    assert len(found(text, Kind.AGENCY)) == 2


def test_lead_and_coordinating_agency_that_become_one_collapse(text, officer, front, department):
    department.valid_to = dt.date(2026, 8, 31)
    department.save()
    change = AgencyChange.objects.create(
        reference="TD1", kind="merge", effective_on=dt.date(2026, 9, 1), title_vi="Hợp nhất"
    )
    change.predecessors.add(department)
    Succession.objects.create(change=change, agency=front)
    rows = found(text, Kind.AGENCY)
    beginnings.replace_agencies(text, by=officer, at=NOW, choices={p.key: front.pk for p in rows})
    for code in ("1.01", "1.02"):
        row = text.assignments.get(code=code)
        assert row.lead == front
        assert not row.coordinations.exists()
    assert text.signatories.filter(agency=front).count() == 1
    assert not text.signatories.filter(agency=department).exists()


def test_a_chain_of_changes_leads_to_whoever_lives(text, department):
    (middle,) = replaced(department, "SXD-2026")
    (last,) = replaced_again(middle)
    assert {point.proposed for point in found(text, Kind.AGENCY)} == {last}


def replaced_again(agency):
    agency.valid_to = dt.date(2026, 11, 30)
    agency.save()
    change = AgencyChange.objects.create(
        reference="TD2", kind="rename", effective_on=dt.date(2026, 12, 1), title_vi="Đổi tên"
    )
    change.predecessors.add(agency)
    new = factories.AgencyFactory(code="SXD-2027", valid_from=dt.date(2026, 12, 1))
    Succession.objects.create(change=change, agency=new)
    return [new]


def test_an_agency_without_successor_is_let_stand_with_a_reason(text, officer, department):
    department.valid_to = dt.date(2026, 8, 31)
    department.save()
    point = next(p for p in found(text, Kind.AGENCY) if ":lead:" in p.key)
    assert point.proposed is None
    with pytest.raises(RuleError):
        beginnings.mark(text, by=officer, at=NOW, keys=[point.key])
    beginnings.mark(text, by=officer, at=NOW, keys=[point.key], reason="Chờ quyết định")
    assert point.key not in [p.key for p in found(text)]


def test_a_stranger_is_no_successor(text, officer, department, outside):
    replaced(department, "SXD-2026")
    point = found(text, Kind.AGENCY)[0]
    with pytest.raises(RuleError):
        beginnings.replace_agencies(text, by=officer, at=NOW, choices={point.key: outside.pk})


# --- Days -------------------------------------------------------------------------------------------
def test_moved_days_are_shown_and_settled_together(text, officer):
    rows = {point.where: point for point in found(text, Kind.DAY)}
    assert rows["1.01"].was == dt.date(2026, 3, 31)
    assert rows["1.01"].proposed == dt.date(2027, 3, 31)
    days = {point.key: point.proposed for point in rows.values()}
    days[rows["1.01"].key] = dt.date(2027, 5, 15)
    assert beginnings.set_days(text, by=officer, at=NOW, days=days) == 1
    row = text.assignments.get(code="1.01")
    assert (row.deadline_on, row.due_on) == (dt.date(2027, 5, 15), dt.date(2027, 5, 17))
    assert not found(text, Kind.DAY)


def test_a_day_outside_the_year_stays_a_point(text, officer):
    point = next(p for p in found(text, Kind.DAY) if p.where == "1.01")
    beginnings.set_days(text, by=officer, at=NOW, days={point.key: dt.date(2028, 1, 5)})
    again = next(p for p in found(text, Kind.DAY) if p.where == "1.01")
    assert again.key != point.key
    assert again.what


# --- People and words ---------------------------------------------------------------------------------
def test_a_new_head_is_pointed_out(text, head, department):
    Membership.objects.filter(user=head).update(valid_to=TODAY - dt.timedelta(days=1))
    assert found(text, Kind.PERSON)
    new = factories.UserFactory(full_name="Trần Mới")
    factories.MembershipFactory(user=new, agency=department, role=Role.AGENCY_HEAD, valid_from=TODAY)
    assert any("Trần Mới" in point.what for point in found(text, Kind.PERSON))


def test_a_period_that_is_over_is_written_anew(text, officer):
    clause = text.clauses.get()
    clause.text = "Thực hiện Đề án giai đoạn 2021-2025 và 2026–2030"
    clause.save()
    (point,) = found(text, Kind.TEXT)
    assert "2021-2025" in point.what
    assert "2030" not in point.what
    beginnings.rewrite(text, by=officer, at=NOW, key=point.key, text="Thực hiện Đề án giai đoạn 2026-2030")
    assert not found(text, Kind.TEXT)
    clause.refresh_from_db()
    assert clause.text == "Thực hiện Đề án giai đoạn 2026-2030"


def test_what_was_seen_is_seen_for_those_words_alone(text, officer):
    text.clauses.update(text="Đề án 2021-2025")
    (point,) = found(text, Kind.TEXT)
    beginnings.mark(text, by=officer, at=NOW, keys=[point.key], reason="Nêu kết quả cũ")
    assert not found(text, Kind.TEXT)
    text.clauses.update(text="Đề án 2021-2025 và Dự án")
    assert found(text, Kind.TEXT)


# --- Who, when --------------------------------------------------------------------------------------
def acts(point):
    return {
        "mark": lambda text, by: beginnings.mark(text, by=by, at=NOW, keys=[point.key], reason="Đã xem"),
        "set_days": lambda text, by: beginnings.set_days(
            text, by=by, at=NOW, days={point.key: point.proposed}
        ),
        "replace_agencies": lambda text, by: beginnings.replace_agencies(text, by=by, at=NOW, choices={}),
        "drop_basis": lambda text, by: beginnings.drop_basis(text, by=by, at=NOW, key=point.key),
        "cite": lambda text, by: beginnings.cite(text, by=by, at=NOW, key=point.key),
        "rewrite": lambda text, by: beginnings.rewrite(text, by=by, at=NOW, key=point.key, text="A"),
    }


ACTS = ("mark", "set_days", "replace_agencies", "drop_basis", "cite", "rewrite")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["clerk", "admin", "head", "viewer"])
def test_others_settle_nothing(text, cast, act, name):
    point = found(text, Kind.DAY)[0]
    with pytest.raises(PermissionDenied):
        acts(point)[act](text, getattr(cast, name))


@pytest.mark.parametrize("act", ACTS)
def test_a_text_that_was_frozen_meanwhile_stays(text, officer, act):
    """The object in hand still says draft: the row decides."""
    point = found(text, Kind.DAY)[0]
    Programme.objects.filter(pk=text.pk).update(state="frozen")
    with pytest.raises(RuleError):
        acts(point)[act](text, officer)
    assert not SeenPoint.objects.exists()


@pytest.mark.parametrize("act", ["mark", "set_days", "drop_basis", "cite", "rewrite"])
def test_a_point_that_another_settled_is_stale(text, officer, commander, act):
    point = found(text, Kind.DAY)[0]
    beginnings.mark(text, by=commander, at=NOW, keys=[point.key])
    with pytest.raises(StaleError):
        acts(point)[act](text, officer)


def test_points_take_a_fixed_number_of_queries(programme, text, department, django_assert_num_queries):
    text = Programme.objects.select_related("host", "co_host", "begun_from").get(pk=text.pk)
    with django_assert_num_queries(12):
        points.points(text, today=TODAY)
    task = text.priority_tasks.first()
    for number in range(10, 20):
        row = factories.AssignmentFactory(
            task=task,
            code=f"1.{number}",
            lead=department,
            status="draft",
            copied_from=programme.assignments.first(),
        )
        factories.CoordinationFactory(assignment=row, agency=factories.AgencyFactory())
        factories.ProgrammeBasisFactory(programme=text, order=number)
    replaced(department, "X1", "X2")
    text = Programme.objects.select_related("host", "co_host", "begun_from").get(pk=text.pk)
    with django_assert_num_queries(15):
        points.points(text, today=TODAY)
