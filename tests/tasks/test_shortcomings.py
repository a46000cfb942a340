"""The ledger of shortcomings: noted, answered, reviewed; and its pages."""

import pytest
from django.core.exceptions import PermissionDenied

from portal.lib.errors import RuleError
from tasks import shortcomings
from tasks.models import Programme, Shortcoming, ShortcomingReview
from tests import factories
from tests.factories import NOW
from tests.tasks.turning import begun

COLUMNS = {"text": "Báo cáo định kỳ còn chậm", "cause": "Đầu mối kiêm nhiệm", "source": "Hội nghị"}
OTHERS = ("clerk", "admin", "head", "focal_point", "viewer", "stranger")


@pytest.fixture
def row(programme, officer) -> Shortcoming:
    return shortcomings.note(programme, by=officer, at=NOW, columns=COLUMNS)


@pytest.fixture
def text(programme, officer) -> Programme:
    return begun(programme, officer)


def answer(row, text, by, **more):
    solution = text.solutions.get(number=1)
    shortcomings.answer(Shortcoming.objects.get(pk=row.pk), by=by, at=NOW, solution=solution, **more)


def review(row, programme, by, verdict="gone", words="100% báo cáo đúng hạn", **more):
    shortcomings.review(
        Shortcoming.objects.get(pk=row.pk),
        by=by,
        at=NOW,
        programme=programme,
        verdict=verdict,
        words=words,
        **more,
    )


def in_year(programme, host, year):
    return factories.ProgrammeFactory(host=host, year=year, state="in_force", in_force_at=NOW)


# --- Noting -----------------------------------------------------------------------------------------
def test_noted_once_a_year(programme, row, officer):
    assert (row.state, row.programme) == ("open", programme)
    with pytest.raises(RuleError):
        shortcomings.note(programme, by=officer, at=NOW, columns=COLUMNS)


@pytest.mark.parametrize("name", OTHERS)
def test_others_note_nothing(programme, cast, name):
    with pytest.raises(PermissionDenied):
        shortcomings.note(programme, by=getattr(cast, name), at=NOW, columns=COLUMNS)


def test_none_is_found_in_a_year_that_is_only_written(text, officer):
    with pytest.raises(RuleError):
        shortcomings.note(text, by=officer, at=NOW, columns=COLUMNS)


# --- Answering --------------------------------------------------------------------------------------
def test_a_solution_of_the_next_text_answers_it_and_no_more(row, text, officer):
    answer(row, text, officer)
    assert [solution.programme for solution in row.solutions.all()] == [text]
    answer(row, text, officer, takes=False)
    assert not row.solutions.exists()


def test_nobody_else_answers_and_nobody_twice(row, text, officer, head):
    with pytest.raises(PermissionDenied):
        answer(row, text, head)
    answer(row, text, officer)
    with pytest.raises(RuleError):
        answer(row, text, officer)


def test_a_frozen_text_answers_nothing_new(row, text, officer):
    Programme.objects.filter(pk=text.pk).update(state="frozen")
    with pytest.raises(RuleError):
        answer(row, text, officer)


def test_what_is_overcome_needs_no_answer(row, programme, text, officer):
    review(row, programme, officer)
    with pytest.raises(RuleError):
        answer(row, text, officer)


# --- Reviewing --------------------------------------------------------------------------------------
def test_gone_by_evidence(row, programme, officer):
    duty = programme.assignments.first()
    review(row, programme, officer, assignment=duty)
    row.refresh_from_db()
    assert row.state == "gone"
    assert row.reviews.get().assignment == duty


def test_carried_on_it_stays_open_and_is_reviewed_next_year(row, programme, host, officer):
    review(row, programme, officer, verdict="remains", words="Còn 3 cơ quan chậm")
    row.refresh_from_db()
    assert row.state == "open"
    review(row, in_year(programme, host, 2027), officer)
    row.refresh_from_db()
    assert row.state == "gone"


def test_what_was_gone_may_be_found_again(row, programme, host, officer):
    review(row, programme, officer)
    review(row, in_year(programme, host, 2027), officer, verdict="remains", words="Lại chậm")
    row.refresh_from_db()
    assert row.state == "open"


def test_once_a_year_with_words_by_those_who_run_it(row, programme, officer, head, host):
    with pytest.raises(PermissionDenied):
        review(row, programme, head)
    with pytest.raises(RuleError):
        review(row, programme, officer, words=" ")
    review(row, programme, officer, verdict="remains")
    with pytest.raises(RuleError):
        review(row, programme, officer)
    with pytest.raises(RuleError):
        review(row, in_year(programme, host, 2025), officer)
    assert ShortcomingReview.objects.count() == 1


# --- Pages ------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("now")
def test_officer_keeps_the_ledger_from_its_pages(programme, text, officer, login):
    client = login(officer)
    assert client.get("/shortcomings/").status_code == 200
    assert client.get("/shortcomings/new/2026/").status_code == 200
    assert client.post("/shortcomings/new/2026/", {"text": ""}).status_code == 400
    assert client.post("/shortcomings/new/2026/", COLUMNS).status_code == 302
    row = Shortcoming.objects.get()
    page = f"/shortcomings/{row.pk}/"
    solution = text.solutions.get(number=1)
    client.post(f"{page}answer/", {"solution": solution.pk})
    assert row.solutions.get() == solution
    assert client.post(f"{page}review/", {"verdict": "gone"}).status_code == 400
    sent = {"programme": programme.pk, "verdict": "gone", "words": "Đã khắc phục"}
    assert client.post(f"{page}review/", sent).status_code == 302
    assert "Đã khắc phục" in client.get(page).text
    client.post(f"{page}leave/", {"solution": solution.pk})
    assert not row.solutions.exists()
    assert COLUMNS["text"] in client.get("/shortcomings/").text


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("name", "ledger", "one"), [("clerk", 200, 200), ("admin", 403, 404), ("head", 403, 404)]
)
def test_the_ledger_is_the_commands(row, cast, login, name, ledger, one):
    client = login(getattr(cast, name))
    assert client.get("/shortcomings/").status_code == ledger
    assert client.get(f"/shortcomings/{row.pk}/").status_code == one
    assert client.post(f"/shortcomings/{row.pk}/review/").status_code == (403 if one == 200 else 404)


@pytest.mark.usefixtures("now")
def test_ledger_takes_a_fixed_number_of_queries(row, programme, officer, login, django_assert_num_queries):
    client = login(officer)
    client.get("/shortcomings/")
    for number in range(10):
        more = {**COLUMNS, "text": f"Hạn chế {number}"}
        review(shortcomings.note(programme, by=officer, at=NOW, columns=more), programme, officer)
    with django_assert_num_queries(9):
        client.get("/shortcomings/")


@pytest.mark.usefixtures("now")
def test_review_of_the_year_counts_rows(programme, row, officer, login):
    client = login(officer)
    page = client.get("/programmes/2026/review/")
    total = page.context["total"]
    assert total.duties == programme.assignments.count()
    for key, address in total.numbers.urls.items():
        assert client.get(address).context["page"].paginator.count == total.numbers.number(key)
    assert row.text in page.text


@pytest.mark.usefixtures("now")
def test_the_year_before_stands_beside_it(programme, host, officer, login):
    past = in_year(programme, host, 2025)
    task = factories.PriorityTaskFactory(programme=past, number=1)
    factories.AssignmentFactory(
        task=task, lead=host, status="confirmed", submitted_on="2025-06-01", due_on="2025-06-30"
    )
    page = login(officer).get("/programmes/2026/review/")
    assert page.context["total"].before.numbers.on_time == 1
    assert [row.before and row.before.duties for row in page.context["results"]] == [1, None]


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("name", "status"), [("commander", 200), ("admin", 403), ("head", 403), ("stranger", 404)]
)
def test_the_review_is_the_commands(programme, cast, login, name, status):
    assert login(getattr(cast, name)).get("/programmes/2026/review/").status_code == status


@pytest.mark.usefixtures("now")
def test_review_takes_a_fixed_number_of_queries(
    programme, row, officer, host, login, django_assert_num_queries
):
    client = login(officer)
    in_year(programme, host, 2025)
    client.get("/programmes/2026/review/")
    task = programme.priority_tasks.first()
    for number in range(20, 30):
        factories.AssignmentFactory(task=task, code=f"1.{number}", lead=host)
        shortcomings.note(programme, by=officer, at=NOW, columns={**COLUMNS, "text": f"Hạn chế {number}"})
    with django_assert_num_queries(17):
        client.get("/programmes/2026/review/")
