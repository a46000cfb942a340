"""The canonical programme: what is signed."""

import json

from tasks.content import SCHEMA, content
from tasks.models import Assignment, Programme
from tests import factories


def test_content_is_json(programme):
    assert json.loads(json.dumps(content(programme))) == content(programme)


def test_content_says_what_the_rows_say(programme):
    says = content(programme)
    assert says["schema"] == SCHEMA
    assert [(p["code"], p["order"], p["place"]) for p in says["signatories"]] == [
        ("BCHQS", 1, "main"),
        ("UBMTTQ", 2, "main"),
        ("SXD", 3, "annex"),
    ]
    first = says["assignments"][0]
    assert (first["code"], first["task"], first["solutions"], first["lead"]) == ("1.01", 1, [1], "SXD")
    assert first["coordinating"] == [{"code": "UBMTTQ", "deliverable": "Ý kiến bằng văn bản"}]
    assert (first["deadline_on"], first["target"], first["start_on"]) == ("2026-03-31", "10", None)
    assert [len(rows) for rows in says["clauses"].values()] == [0, 1, 0, 0]


def test_content_does_not_depend_on_ids(programme):
    before = content(programme)
    for assignment in Assignment.objects.filter(programme=programme, code="2.01"):
        solutions = list(assignment.solutions.all())
        assignment.delete()
        assignment.pk = None
        assignment.save()
        assignment.solutions.set(solutions)
    assert content(programme) == before


def test_content_leaves_out_what_happens_later(programme):
    before = content(programme)
    Assignment.objects.update(actual=7, status="in_progress", adjusted_on="2026-09-01")
    Programme.objects.update(state="closed")
    assert content(programme) == before


def test_target_has_no_trailing_zeros(programme):
    Assignment.objects.filter(code="1.01").update(target="12.50")
    Assignment.objects.filter(code="1.02").update(target=3500)
    targets = [row["target"] for row in content(programme)["assignments"]]
    assert targets == ["12.5", "3500", "10"]


def test_recipients_are_lines(programme):
    Programme.objects.update(recipients="  Quân khu 4 \n\nTỉnh ủy\n")
    assert content(programme)["recipients"] == ["Quân khu 4", "Tỉnh ủy"]


def test_content_takes_ten_queries(programme, django_assert_num_queries):
    for number in range(3, 9):
        task = factories.PriorityTaskFactory(programme=programme, number=number)
        factories.AssignmentFactory(task=task, lead=programme.host)
    with django_assert_num_queries(10):
        content(programme)
