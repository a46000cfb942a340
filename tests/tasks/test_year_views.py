"""The pages of the turn of the year: begin, look through, decide, close."""

import datetime as dt

import pytest

from tasks import assignments
from tasks.models import Assignment, Programme, SeenPoint, YearEndDecision
from tasks.year_forms import first_facts
from tests import factories
from tests.factories import NOW
from tests.tasks.turning import begun, decide

pytestmark = pytest.mark.usefixtures("now")
POINTS, UNFINISHED = "/years/2027/points/", "/years/2026/unfinished/"


@pytest.fixture
def text(programme, officer) -> Programme:
    return begun(programme, officer)


# --- Beginning --------------------------------------------------------------------------------------
def form_of(page):
    return {name: page.context["form"][name].value() for name in page.context["form"].fields}


def sent(values):
    return {name: "" if value is None else value for name, value in values.items()}


def test_officer_begins_from_last_year(programme, officer, login):
    client = login(officer)
    values = form_of(client.get("/years/begin/"))
    assert (values["year"], values["source"]) == (2027, programme.pk)
    assert "2027" in values["title_vi"]
    response = client.post("/years/begin/", sent(values))
    assert response["Location"] == POINTS
    assert Programme.objects.get(year=2027).begun_from == programme


def test_officer_of_an_empty_portal_begins_empty(host, officer, login):
    client = login(officer)
    assert "/years/begin/" in client.get("/programmes/").text
    values = form_of(client.get("/years/begin/")) | {"title_vi": "Chương trình", "place": "Thanh Hóa"}
    assert client.post("/years/begin/", sent(values)).status_code == 302
    programme = Programme.objects.get()
    assert programme.signatories.get().agency == host
    assert client.get(f"/years/{programme.year}/points/").status_code == 200
    assert client.get(f"/programmes/{programme.year}/").status_code == 200


@pytest.mark.parametrize(("day", "year"), [((2026, 3, 10), 2026), ((2026, 11, 27), 2027)])
def test_the_first_programme_is_of_the_year_in_which_it_is_signed(day, year):
    first = first_facts(None, dt.date(*day))
    assert first["year"] == first["signing_closes_on"].year == year


def test_a_year_that_is_there_keeps_what_was_typed(programme, officer, login):
    client = login(officer)
    values = sent(form_of(client.get("/years/begin/"))) | {"year": 2026, "place": "Nơi khác"}
    page = client.post("/years/begin/", values)
    assert page.status_code == 400
    assert "Nơi khác" in page.text
    assert Programme.objects.count() == 1


@pytest.mark.parametrize("name", ["clerk", "admin", "head", "focal_point", "viewer"])
def test_others_begin_nothing(programme, cast, login, name):
    client = login(getattr(cast, name))
    assert client.get("/years/begin/").status_code == 403
    assert "/years/begin/" not in client.get("/programmes/").text


# --- Points -----------------------------------------------------------------------------------------
def test_the_page_empties_as_points_are_settled(text, officer, login):
    client = login(officer)
    page = client.get(POINTS)
    assert set(page.context["groups"]) == {"day", "person"}
    days = {name: field.value() for name, field in bound(page.context["days"])}
    duty = text.assignments.get(code="1.01")
    days[f"day_{duty.pk}_2027-03-31"] = "2027-01-12"
    assert client.post(f"{POINTS}days/", days).status_code == 302
    for point in client.get(POINTS).context["groups"]["person"]:
        client.post(f"{POINTS}mark/", {"key": point.key, "reason": "Đã biết"})
    page = client.get(POINTS)
    assert page.context["count"] == 0
    assert len(page.context["seen"]) == SeenPoint.objects.count() > 0
    duty.refresh_from_db()
    assert duty.deadline_on == dt.date(2027, 1, 12)


def bound(form):
    return [(name, form[name]) for name in form.fields]


def test_an_impossible_day_is_said_beside_it(text, officer, login):
    client = login(officer)
    days = {name: field.value() for name, field in bound(client.get(POINTS).context["days"])}
    days[next(iter(days))] = "31/02/2027"
    page = client.post(f"{POINTS}days/", days)
    assert page.status_code == 400
    assert page.context["days"].errors


def test_buttons_of_a_point(text, officer, department, login):
    basis = text.bases.get()
    basis.effective_to = dt.date(2026, 1, 1)
    basis.save()
    text.clauses.update(text="Đề án 2021-2025")
    client = login(officer)
    groups = client.get(POINTS).context["groups"]
    assert client.post(f"{POINTS}drop-basis/", {"key": groups["basis"][0].key}).status_code == 302
    rewritten = {"key": groups["text"][0].key, "text": "Đề án 2026-2030"}
    assert client.post(f"{POINTS}rewrite/", rewritten).status_code == 302
    assert not {"basis", "text"} & set(client.get(POINTS).context["groups"])


def test_an_old_page_is_answered_409(text, officer, login):
    client = login(officer)
    assert client.post(f"{POINTS}mark/", {"key": "day:1:2027-01-01", "reason": "x"}).status_code == 409


def test_the_programme_warns_before_it_is_frozen(text, officer, login):
    page = login(officer).get("/programmes/2027/")
    assert page.context["points"] > 0
    assert POINTS in page.text


@pytest.mark.parametrize(("name", "status"), [("clerk", 403), ("admin", 403), ("head", 404), ("viewer", 404)])
def test_points_are_for_who_runs_the_programme(text, cast, login, name, status):
    client = login(getattr(cast, name))
    assert client.get(POINTS).status_code == status
    for button in ("agencies", "days", "mark", "drop-basis", "cite", "rewrite"):
        assert client.post(f"{POINTS}{button}/").status_code == status


def test_points_page_takes_a_fixed_number_of_queries(text, officer, login, django_assert_num_queries):
    client = login(officer)
    client.get(POINTS)
    task = text.priority_tasks.first()
    for number in range(20, 30):
        origin = text.assignments.get(code="1.01").copied_from
        factories.AssignmentFactory(
            task=task,
            code=f"1.{number}",
            lead=text.host,
            status="draft",
            copied_from=origin,
            deadline_on=dt.date(2027, 3, 31),
        )
    with django_assert_num_queries(23):
        client.get(POINTS)


# --- Unfinished duties --------------------------------------------------------------------------------
def rows_of(page):
    return {row.code: row.pk for row in page.context["form"].rows}


def test_officer_decides_and_closes(programme, text, officer, login):
    client = login(officer)
    page = client.get(UNFINISHED)
    keys = rows_of(page)
    assert list(keys) == ["1.01", "1.02", "2.01"]
    assert not page.context["may_close"]
    values = {"reason": "Theo dõi tiếp", f"choice_{keys['1.01']}": "carried"}
    values |= {f"choice_{keys[code]}": "left_open" for code in ("1.02", "2.01")}
    assert client.post(UNFINISHED, values).status_code == 302
    page = client.get(UNFINISHED)
    assert page.context["may_close"]
    assert [row.assignment.code for row in page.context["decided"]] == ["1.01"]
    assert client.post("/programmes/2026/close/").status_code == 302
    assert Programme.objects.get(year=2026).state == "closed"
    assert len(client.get(UNFINISHED).context["decided"]) == 3


def test_what_was_typed_is_kept_when_a_reason_lacks(programme, text, officer, login):
    client = login(officer)
    key = rows_of(client.get(UNFINISHED))["1.01"]
    page = client.post(UNFINISHED, {f"choice_{key}": "cancelled", f"reason_{key}": " "})
    assert page.status_code == 400
    assert '<option value="cancelled" selected>' in page.text
    assert not YearEndDecision.objects.exists()


def test_a_duty_that_moved_meanwhile_is_answered_409(programme, text, officer, focal_point, login):
    client = login(officer)
    form = client.get(UNFINISHED).context["form"]
    key = rows_of(client.get(UNFINISHED))["1.01"]
    version = form[f"version_{key}"].value()
    assignments.accept(programme.assignments.get(code="1.01"), by=focal_point, at=NOW)
    page = client.post(UNFINISHED, {f"choice_{key}": "carried", f"version_{key}": version})
    assert page.status_code == 409
    assert Assignment.objects.get(pk=key).status == "accepted"


def test_without_a_text_of_next_year_nothing_can_be_carried(programme, officer, login):
    page = login(officer).get(UNFINISHED)
    assert page.context["may_begin"]
    assert 'value="carried"' not in page.text


def test_taken_back_from_the_page(programme, text, officer, login):
    decide(programme, officer, _1_01="carried")
    client = login(officer)
    row = YearEndDecision.objects.get()
    assert f"/years/decisions/{row.pk}/take-back/" in client.get(UNFINISHED).text
    client.post(f"/years/decisions/{row.pk}/take-back/", {"reason": "Đã xong"})
    assert programme.assignments.get(code="1.01").status == "assigned"


@pytest.mark.parametrize(
    ("name", "status"), [("clerk", 403), ("admin", 403), ("head", 403), ("stranger", 404)]
)
def test_deciding_is_for_who_closes_the_year(programme, cast, login, name, status):
    client = login(getattr(cast, name))
    assert client.get(UNFINISHED).status_code == status
    assert client.post(UNFINISHED, {}).status_code == status


def test_unfinished_page_takes_a_fixed_number_of_queries(
    programme, text, officer, department, login, django_assert_num_queries
):
    client = login(officer)
    decide(programme, officer, _1_01="carried")
    client.get(UNFINISHED)
    task = programme.priority_tasks.first()
    for number in range(20, 30):
        factories.AssignmentFactory(task=task, code=f"1.{number}", lead=department)
    with django_assert_num_queries(10):
        client.get(UNFINISHED)


# --- Through the years --------------------------------------------------------------------------------
def test_both_pages_tell_where_a_duty_came_from_and_went(programme, text, officer, focal_point, login):
    old = programme.assignments.get(code="1.01")
    assignments.accept(old, by=focal_point, at=NOW)
    assignments.report_progress(old, by=focal_point, at=NOW, actual=4, percent=40, text="Đã làm nửa đầu")
    decide(programme, officer, _1_01="carried")
    new = YearEndDecision.objects.get().carried_to
    client = login(officer)
    assert new.get_absolute_url() in client.get(old.get_absolute_url()).text
    page = client.get(new.get_absolute_url())
    assert old.get_absolute_url() in page.text
    assert "Đã làm nửa đầu" in page.text
    of_lead = login(focal_point).get(old.get_absolute_url())
    assert of_lead.context["carried"].decision
    assert new.get_absolute_url() not in of_lead.text, "the draft is the command's"


def test_a_viewer_learns_nothing_of_it(programme, text, officer, viewer, login):
    decide(programme, officer, _1_01="carried")
    page = login(viewer).get(programme.assignments.get(code="1.01").get_absolute_url())
    assert not page.context["carried"].is_shown


def test_a_yearly_copy_names_the_duty_that_it_repeats(programme, text, officer, login):
    page = login(officer).get(text.assignments.get(code="1.01").get_absolute_url())
    assert page.context["carried"].origin == programme.assignments.get(code="1.01")


def test_what_was_left_open_and_then_completed_is_not_told(programme, officer, login):
    decide(programme, officer, _1_01="left_open")
    client, row = login(officer), programme.assignments.get(code="1.01")
    assert client.get(row.get_absolute_url()).context["carried"].is_shown
    Assignment.objects.filter(pk=row.pk).update(status="confirmed", submitted_on=NOW.date())
    assert not client.get(row.get_absolute_url()).context["carried"].is_shown
