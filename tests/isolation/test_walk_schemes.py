"""Schemes and documents of the year through real pages with the second wall up; each step looks past it."""

import pytest

from tasks.models import Milestone, MilestoneDuty, Scheme, YearPaper
from tests.isolation.test_walk import signed_in
from tests.tasks import papering, scheming

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


def test_a_scheme_is_kept_reported_and_confirmed(programme, officer, head, front, department):
    web, own = signed_in(officer), signed_in(head)
    typed = {**scheming.COLUMNS, "lead": department.pk, "coordinating": [front.pk]}
    assert web.post("/schemes/new/", typed).status_code == 302
    page = Scheme.objects.get().get_absolute_url()
    assert web.post(f"{page}plan/", {"title": "Sơ kết", "due_on": "2026-06-30"}).status_code == 302
    milestone = Milestone.objects.get()
    address = milestone.get_absolute_url()
    duty = programme.assignments.get(code="1.01")
    assert web.post(f"{address}tie/", {"assignment": duty.pk}).status_code == 302
    assert MilestoneDuty.objects.get().assignment == duty
    assert own.get(page).context["years"][0][1][0].carriers == [duty]
    said = {"result": "Đã sơ kết", "reached_on": "2026-03-09"}
    assert own.post(f"{address}report/", said).status_code == 302
    assert web.post(f"{address}confirm/").status_code == 302
    milestone.refresh_from_db()
    assert milestone.state == "reached"


def test_the_register_is_written_and_read(programme, clerk, head):
    web = signed_in(clerk)
    typed = {**papering.COLUMNS, "issued_on": "2026-01-08", "tasks": [programme.priority_tasks.first().pk]}
    assert web.post("/papers/new/2026/", typed).status_code == 302
    row = YearPaper.objects.get()
    assert row.subject in signed_in(head).get("/papers/?year=2026").text
    assert web.post(f"{row.get_absolute_url()}strike/", {"reason": "Nhập nhầm năm"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "struck"
