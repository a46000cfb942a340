"""A briefing of the demonstration: yesterday, with those who are late; its list frozen, decisions noted."""

import datetime as dt

from agreements import attendances, briefings, conclusions, conferences, minutes
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.conferences import Item, Plan
from agreements.models import Conference
from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.operations.demo.conferring import HALL, at_hour, invited_of
from portal.operations.demo.people import Cast
from tasks import parties
from tasks.models import Programme
from tasks.states import OPEN_ASSIGNMENT

ALWAYS = ("CAT", "STC", "UBMTTQ")
AGENDA = (
    Item("Kiểm điểm các việc tồn đọng", dt.time(8, 0), "Trợ lý chương trình"),
    Item("Ý kiến của các cơ quan, đơn vị", dt.time(8, 30)),
    Item("Kết luận", dt.time(9, 15), "Chỉ huy trưởng"),
)
CONCLUDED = (
    ("STC", 5, 20, "Trả lời bằng văn bản về nguồn kinh phí thực hiện các nhiệm vụ đã giao."),
    (None, None, None, "Các cơ quan có việc quá hạn báo cáo nguyên nhân và thời gian hoàn thành trên cổng."),
)


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Hold it from the plan to minutes that two people confirmed."""
    day = local_day(until) - dt.timedelta(days=1)
    row = _called(programme, cast, day)
    for invited in invited_of(row):
        head = cast.heads[invited.agency.code]
        by = cast.focal_points.get(invited.agency.code, cast.officer)
        delegate = Delegate(head.get_full_name(), "Thủ trưởng cơ quan")
        attendances.name(invited, by=by, at=at_hour(day - dt.timedelta(days=1), 15), delegate=delegate)
    briefings.hold(row, by=cast.officer, at=at_hour(day, 7, 45))
    everybody = set(row.attendances.values_list("pk", flat=True))
    attendances.take(row, by=cast.officer, at=at_hour(day, 8), ticked=everybody, seen=set())
    tasks = {task.number: task for task in programme.priority_tasks.all()}
    for owner, number, days, text in CONCLUDED:
        concluded = Concluded(
            text,
            Agency.objects.get(code=owner) if owner else None,
            tasks.get(number) if number else None,
            day + dt.timedelta(days=days) if days else None,
        )
        conclusions.conclude(row, by=cast.officer, at=at_hour(day, 9, 20), concluded=concluded)
    end, later = at_hour(day, 9, 30), at_hour(day, 10)
    minutes.write(row, by=cast.officer, at=later, texts={}, ended_at=end)
    minutes.freeze(row, by=cast.officer, at=later)
    for n, person in enumerate((cast.officer, cast.commander), 1):
        at = later + dt.timedelta(minutes=10 * n)
        minutes.sign(row, by=person, at=at, shown_sha256=row.content_sha256)


def _called(programme: Programme, cast: Cast, day: dt.date) -> Conference:
    """Call those who are late, and a few who always come."""
    late = programme.assignments.filter(status__in=OPEN_ASSIGNMENT, due_on__lt=day).values("lead")
    there = parties.agencies(programme).exclude(pk=programme.host_id)
    plan = Plan(
        kind=Conference.Kind.BRIEFING,
        title=f"Giao ban thực hiện Chương trình phối hợp năm {programme.year}",
        starts_at=at_hour(day, 8),
        place=HALL,
        chair=cast.commander,
        secretary=cast.officer,
        delegates_until=day - dt.timedelta(days=1),
        agenda=AGENDA,
        agencies=list(there.filter(pk__in=late) | there.filter(code__in=ALWAYS)),
    )
    sent = at_hour(day - dt.timedelta(days=4), 9)
    row = conferences.prepare(programme, by=cast.officer, at=sent, plan=plan)
    conferences.invite(row, by=cast.officer, at=sent)
    return row
