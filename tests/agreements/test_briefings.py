"""A briefing: its list is drafted from what stands open, frozen on its day, and read by who is invited."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import Error, connection, transaction
from django.urls import reverse

from agreements import briefing_paper, briefings, conclusions, conferences, discussions, minutes
from agreements.conclusions import Concluded
from agreements.models import BriefingList, Conference
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.papers.reports import render_report
from portal.papers.wide import render_table_paper
from tasks import urgings
from tasks.models import Assignment, ExtensionRequest, Report
from tests.agreements.conferring import AFTERWARDS, ENDED, fresh, of, words
from tests.factories import (
    NOW,
    TODAY,
    ConferenceFactory,
    ProgressFactory,
    ReportFactory,
    ReportingPeriodFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def briefing(programme, commander, officer) -> Conference:
    """This morning's briefing with the parties of the small programme; 1.02 of the Front is late."""
    facts = {"chair": commander, "secretary": officer, "kind": "briefing", "title": "Giao ban quý I"}
    return fresh(ConferenceFactory(programme=programme, **facts))


def late(programme) -> Assignment:
    return programme.assignments.get(code="1.02")


def ask_for_more(row: Assignment, by) -> ExtensionRequest:
    return ExtensionRequest.objects.create(
        assignment=row, agency=row.lead, reason="Bí mật của cơ quan", signed_on=row.due_on, old_on=row.due_on,
        due_on=row.due_on, new_on=TODAY + 30 * DAY, requested_by=by, requested_at=NOW,
    )  # fmt: skip


def silent(programme, agency) -> Report:
    period = ReportingPeriodFactory(
        programme=programme, data_from=TODAY - 90 * DAY, data_to=TODAY - 9 * DAY, due_on=TODAY - 3 * DAY
    )
    return ReportFactory(period=period, agency=agency)


# --- What stands on it ----------------------------------------------------------------------------------
def test_list_names_what_is_overdue_of_whom_since_when(briefing, programme):
    found = briefings.gather(briefing, TODAY)
    assert [(row["code"], row["agency"], row["days"]) for row in found["duties"]] == [
        ("1.02", late(programme).lead.name_vi, (TODAY - late(programme).due_on).days)
    ]
    assert (found["reports"], found["extensions"], found["urgings"], found["agencies"]) == ([], [], [], 3)


def test_list_names_silent_reports_and_requests_without_their_reasons(briefing, programme, department, head):
    report = silent(programme, department)
    ask_for_more(late(programme), head)
    found = briefings.gather(briefing, TODAY)
    assert [(row["id"], row["days"]) for row in found["reports"]] == [(report.pk, 3)]
    assert [row["new_on"] for row in found["extensions"]] == [(TODAY + 30 * DAY).isoformat()]
    assert "Bí mật" not in json.dumps(found, ensure_ascii=False)


def test_an_urging_stands_there_until_something_is_heard(briefing, programme, officer, front_head):
    row = late(programme)
    for at in (NOW - 2 * DAY, NOW - DAY):
        urgings.urge(Assignment.objects.get(pk=row.pk), by=officer, at=at, text="Đề nghị khẩn trương.")
    (found,) = briefings.gather(briefing, TODAY)["urgings"]
    assert (found["code"], found["level"], found["since"]) == ("1.02", 2, (TODAY - DAY).isoformat())
    ProgressFactory(assignment=row, by=front_head, at=NOW)
    assert briefings.gather(briefing, TODAY)["urgings"] == []


def test_a_request_for_more_time_answers_an_urging(briefing, programme, officer, front_head):
    urgings.urge(late(programme), by=officer, at=NOW - DAY, text="Đề nghị khẩn trương.")
    ask_for_more(late(programme), front_head)
    assert briefings.gather(briefing, TODAY)["urgings"] == []


def test_agencies_that_are_not_invited_are_not_spoken_of(briefing, programme, officer, department):
    silent(programme, department)
    urgings.urge(late(programme), by=officer, at=NOW - DAY, text="Đề nghị khẩn trương.")
    ask_for_more(late(programme), officer)
    briefing.invited.exclude(agency=programme.host).delete()
    found = briefings.gather(briefing, TODAY)
    assert all(found[part] == [] for part in briefings.PARTS)
    assert found["agencies"] == 1


# --- Freezing it ----------------------------------------------------------------------------------------
def test_frozen_list_does_not_follow_any_more_and_who_stands_on_it_is_told(
    briefing, programme, officer, front_head
):
    row = briefings.hold(briefing, by=officer, at=NOW)
    Assignment.objects.filter(pk=late(programme).pk).update(due_on=TODAY + 9 * DAY)
    assert [one["code"] for one in briefings.written(briefing, TODAY)["duties"]] == ["1.02"]
    assert briefings.is_intact(row)
    told = Notice.objects.filter(kind="briefing.listed")
    assert {notice.recipient for notice in told} == {front_head}
    event = json.loads(Event.objects.get(verb="briefing.listed").payload)
    assert (event["duties"], event["content_sha256"]) == (1, row.content_sha256)


def test_only_who_runs_the_programme_freezes_it(briefing, head, viewer):
    for person in (head, viewer):
        with pytest.raises(PermissionDenied):
            briefings.hold(fresh(briefing), by=person, at=NOW)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"kind": "annual"}, "Chỉ giao ban"),
        ({"starts_at": NOW + DAY}, "vào ngày giao ban"),
        ({"state": "preparing", "invited_at": None}, "chưa được gửi"),
    ],
)
def test_it_is_frozen_on_the_day_of_a_briefing_that_was_called(briefing, officer, columns, words):
    Conference.objects.filter(pk=briefing.pk).update(**columns)
    with pytest.raises(RuleError, match=words):
        briefings.hold(fresh(briefing), by=officer, at=NOW)


def test_it_is_frozen_once_and_an_older_page_is_refused(briefing, officer):
    version = str(briefing.revision)
    briefings.hold(briefing, by=officer, at=NOW, version=version)
    with pytest.raises(StaleError):
        briefings.hold(fresh(briefing), by=officer, at=NOW, version=version)
    with pytest.raises(RuleError, match="đã được chốt"):
        briefings.hold(fresh(briefing), by=officer, at=NOW)


@pytest.mark.both
@pytest.mark.parametrize(
    "statement", ["UPDATE agreements_briefinglist SET content = '{}'", "DELETE FROM agreements_briefinglist"]
)
def test_database_keeps_it_as_it_was(briefing, officer, statement):
    briefings.hold(briefing, by=officer, at=NOW)
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- The meeting around it ------------------------------------------------------------------------------
def test_a_briefing_is_called_in_words_of_its_own(briefing, officer, head):
    Conference.objects.filter(pk=briefing.pk).update(state="preparing", invited_at=None, starts_at=NOW + DAY)
    conferences.invite(fresh(briefing), by=officer, at=NOW)
    assert "giao ban" in Notice.objects.get(kind="briefing.called", recipient=head).text_vi
    assert not Notice.objects.filter(kind="conference.invited").exists()


def test_a_briefing_that_was_called_stays_one(briefing, officer):
    plan = conferences.Plan(
        kind="annual", title="Hội nghị", starts_at=NOW, place="Hội trường", chair=briefing.chair,
        secretary=briefing.secretary, delegates_until=TODAY,
        agencies=[one.agency for one in briefing.invited.all()],
    )  # fmt: skip
    with pytest.raises(RuleError, match="giao ban"):
        conferences.change(briefing, by=officer, at=NOW, plan=plan)


def test_nobody_is_asked_how_far_they_agree(briefing, head):
    with pytest.raises(RuleError, match="Giao ban"):
        discussions.agree(of(briefing, "SXD"), by=head, at=NOW, assent="full")


def test_minutes_wait_for_the_list_and_tell_what_stood_on_it(briefing, programme, officer):
    minutes.write(briefing, by=officer, at=AFTERWARDS, texts={}, ended_at=ENDED)
    with pytest.raises(RuleError, match="danh mục"):
        minutes.freeze(fresh(briefing), by=officer, at=AFTERWARDS)
    briefings.hold(fresh(briefing), by=officer, at=AFTERWARDS)
    minutes.freeze(fresh(briefing), by=officer, at=AFTERWARDS)
    sections = {one["name"]: one["lines"] for one in fresh(briefing).content["sections"]}
    assert sections["standing"][0] == "- Nhiệm vụ quá hạn: 1.", (
        "viewers read the minutes, and not who is late"
    )
    assert "assent" not in sections
    assert sections["closing"][0].startswith("Giao ban kết thúc vào hồi 11 giờ 30 phút")


def test_decision_becomes_a_tracked_duty(briefing, programme, officer, department):
    about = programme.priority_tasks.get(number=1)
    said = Concluded("Báo cáo tiến độ rà soát.", department, about, TODAY + 20 * DAY)
    row = conclusions.conclude(briefing, by=officer, at=NOW, concluded=said)
    made = conclusions.assign(row, by=officer, at=NOW)
    assert (made.lead, made.deadline_on, made.conclusion_id) == (department, TODAY + 20 * DAY, row.pk)


# --- On paper and on the page ---------------------------------------------------------------------------
def test_papers_of_a_briefing(briefing, programme, officer, department):
    content = briefings.gather(briefing, TODAY)
    draft = words(render_table_paper(briefing_paper.list_of(briefing, content, frozen=None, at=NOW)))
    assert "DỰ THẢO" in draft
    assert "Các việc tồn đọng trình giao ban quý I ngày 10/03/2026" in draft
    row = briefings.hold(briefing, by=officer, at=NOW)
    listed = words(render_table_paper(briefing_paper.list_of(briefing, row.content, frozen=row, at=NOW)))
    assert "DỰ THẢO" not in listed
    assert "Nhiệm vụ quá hạn" in listed
    said = Concluded("Báo cáo tiến độ rà soát.", department, None, TODAY + 20 * DAY)
    conclusions.conclude(fresh(briefing), by=officer, at=NOW, concluded=said)
    notice = words(render_report(briefing_paper.notice_of(fresh(briefing), at=NOW)))
    assert "THÔNG BÁO" in notice
    assert "1. Báo cáo tiến độ rà soát (cơ quan chủ trì: Sở Xây dựng; thời hạn: 30/03/2026)." in notice


@pytest.mark.usefixtures("now")
def test_page_is_the_commands_until_it_is_frozen(briefing, officer, head, viewer, login):
    page = reverse("conferences:briefing", args=[briefing.pk])
    assert "1.02" in login(officer).get(page).content.decode()
    assert login(head).get(page).status_code == 404
    answer = login(officer).post(
        reverse("conferences:hold", args=[briefing.pk]), {"version": briefing.revision}
    )
    assert (answer.status_code, answer.url, BriefingList.objects.count()) == (302, page, 1)
    assert "1.02" in login(head).get(page).content.decode()
    assert login(viewer).get(page).status_code == 404
    assert login(officer).get(reverse("conferences:briefing_paper", args=[briefing.pk])).status_code == 200


@pytest.mark.usefixtures("now")
def test_other_meetings_have_no_list_and_no_notice(conference, officer, login):
    for name in ("briefing", "briefing_paper", "briefing_notice"):
        assert login(officer).get(reverse(f"conferences:{name}", args=[conference.pk])).status_code == 404


@pytest.mark.usefixtures("now")
def test_page_takes_a_fixed_number_of_queries(briefing, officer, login, django_assert_num_queries):
    client = login(officer)
    page = reverse("conferences:briefing", args=[briefing.pk])
    client.get(page)
    with django_assert_num_queries(12):
        client.get(page)


@pytest.mark.usefixtures("now")
def test_new_plan_of_a_briefing_begins_with_its_words(programme, officer, login):
    shown = login(officer).get("/conferences/new/2026/?kind=briefing").content.decode()
    assert "Giao ban thực hiện Chương trình phối hợp năm 2026" in shown
    assert 'value="briefing" selected' in shown
