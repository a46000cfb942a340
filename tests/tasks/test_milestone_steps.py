"""Steps of a milestone: what notices of them say; a page older than the words of another is refused."""

import datetime as dt

import pytest

from portal.notices.models import Notice
from portal.notices.planning import plan as plan_notices
from tasks import milestones
from tasks.models import Milestone
from tests.factories import NOW, TODAY
from tests.tasks import scheming
from tests.tasks.scheming import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
THEIRS, MINE = "Đã họp hội nghị sơ kết", "Đã ban hành báo cáo"


@pytest.fixture
def row(programme, officer, department, front) -> Milestone:
    return scheming.plan(scheming.enter(department, by=officer, coordinating=[front]), by=officer)


def report(row, by, result=THEIRS):
    milestones.report(fresh(row), by=by, at=NOW, result=result, reached_on=TODAY)


def send_back(row, by):
    milestones.send_back(fresh(row), by=by, at=NOW, reason="Thiếu biên bản")


def typed(client, row, name: str) -> dict[str, str]:
    """Return what the form of a step on the page sends with words of one's own."""
    version = client.get(row.get_absolute_url()).context["forms"][name]["version"].value()
    return {"version": version, "result": MINE, "reason": MINE, "reached_on": f"{TODAY}"}


@pytest.mark.parametrize("name", ["confirm", "send_back", "drop"])
def test_words_that_came_anew_are_read_before_they_are_settled(row, head, commander, officer, login, name):
    report(row, head, "Bản đầu")
    client = login(commander)
    sent = typed(client, row, name)
    send_back(row, officer)
    report(row, head)
    stale = client.post(f"{row.get_absolute_url()}{name.replace('_', '-')}/", sent)
    assert stale.status_code == 409
    assert THEIRS in stale.text
    assert name == "confirm" or MINE in stale.text
    assert (fresh(row).state, fresh(row).result) == ("reported", THEIRS)
    assert client.post(f"{row.get_absolute_url()}{name.replace('_', '-')}/", typed(client, row, name)).url


@pytest.mark.parametrize("name", ["report", "drop"])
def test_open_again_it_is_not_what_it_was(row, head, focal_point, commander, officer, login, name):
    client = login(focal_point if name == "report" else commander)
    sent = typed(client, row, name)
    report(row, head)
    send_back(row, officer)
    stale = client.post(f"{row.get_absolute_url()}{name}/", sent)
    assert (stale.status_code, fresh(row).result) == (409, THEIRS)
    assert all(words in stale.text for words in (MINE, THEIRS, "Thiếu biên bản"))


def test_notices_name_the_scheme(row, focal_point, head, officer):
    plan_notices(at=NOW + (scheming.JUNE - TODAY) - dt.timedelta(days=30))
    title = "Sơ kết giữa kỳ (Đề án dân quân tự vệ giai đoạn 2025-2028)"
    due = Notice.objects.get(kind="milestone.due")
    assert due.text_vi == f"Nhắc mốc đến hạn 30/06/2026: {title}"
    assert due.text_en.endswith(title)
    report(row, head)
    assert Notice.objects.get(kind="milestone.reported").text_vi.endswith(f": {title}")
