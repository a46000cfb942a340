"""The standing group of the demonstration: army, police, border guard; its plan of the year and a meeting."""

import datetime as dt

from django.db.models import QuerySet

from agreements import attendances, briefings, conclusions, conferences, minutes
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.conferences import Item, Plan
from agreements.models import Conclusion, Conference
from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.operations.demo.conferring import HALL, at_hour, invited_of
from portal.operations.demo.people import Cast
from tasks import group_plans, groups
from tasks.models import Assignment, LegalBasis, Programme, StandingGroup

MEMBERS = ("CAT", "BBP")
NAME = "Nhóm phối hợp Quân sự – Công an – Biên phòng theo Nghị định 03/2019/NĐ-CP"
ABOUT = "Trao đổi tình hình, phối hợp bảo vệ an ninh, trật tự, an toàn xã hội và nhiệm vụ quốc phòng."
PLAN = (
    ("BCHQS", (2, 28), "Ban hành kế hoạch phối hợp năm", True, "Đã ban hành kế hoạch, gửi ba lực lượng."),
    ("CAT", (6, 30), "Sơ kết 6 tháng công tác phối hợp", False, "Đã sơ kết, thống nhất báo cáo chung."),
    ("BBP", (9, 30), "Tuần tra chung tuyến biên giới, bờ biển", False, ""),
    ("CAT", (11, 30), "Trao đổi kết quả nắm tình hình phục vụ tuyển quân", False, ""),
    ("BCHQS", (12, 10), "Tổng kết năm thực hiện Nghị định 03/2019/NĐ-CP", True, ""),
)
"""Who leads, until when, what, whether an assignment of the programme says the same, and what came of it."""


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Found the group at the beginning of the year, plan it, and hold a meeting in the month before today."""
    year, today = programme.year, local_day(until)
    begun = at_hour(dt.date(year, 1, 20), 9)
    host = programme.host
    facts = groups.Facts(
        name=NAME,
        basis=LegalBasis.objects.get(number="03/2019/NĐ-CP"),
        begins_on=dt.date(year, 1, 16),
        about=ABOUT,
        members=list(Agency.objects.filter(code__in=MEMBERS)),
    )
    group = groups.found(host, by=cast.officer, at=min(begun, until), facts=facts)
    for code, (month, day), title, is_tied, result in PLAN:
        due_on = dt.date(year, month, day)
        tied = _of_decree(programme).filter(deadline_on__month=month).first() if is_tied else None
        item = group_plans.Item(f"{title} {year}", Agency.objects.get(code=code), due_on, tied)
        row = group_plans.add(group, by=cast.officer, at=min(begun, until), item=item)
        if result and due_on < today:
            done_at = at_hour(due_on - dt.timedelta(days=2), 15)
            group_plans.report(row, by=cast.officer, at=done_at, is_done=True, result=result)
    _meet(group, programme, cast, today - dt.timedelta(days=6))


def _of_decree(programme: Programme) -> QuerySet[Assignment]:
    return programme.assignments.filter(title_vi__contains="03/2019").order_by("code")


def _meet(group: StandingGroup, programme: Programme, cast: Cast, day: dt.date) -> None:
    """Hold a briefing of the members; one of its decisions goes into the plan, another waits."""
    sent = at_hour(day - dt.timedelta(days=5), 9)
    plan = Plan(
        kind=Conference.Kind.BRIEFING,
        group=group,
        title="Giao ban ba lực lượng Quân sự, Công an, Biên phòng",
        starts_at=at_hour(day, 14),
        place=HALL,
        chair=cast.commander,
        secretary=cast.officer,
        delegates_until=day - dt.timedelta(days=1),
        agenda=(Item("Tình hình và kết quả phối hợp", dt.time(14, 0)), Item("Kết luận", dt.time(15, 30))),
        agencies=list(Agency.objects.filter(code__in=MEMBERS)),
    )
    row = conferences.prepare(programme, by=cast.officer, at=sent, plan=plan)
    conferences.invite(row, by=cast.officer, at=sent)
    for invited in invited_of(row):
        head = cast.heads[invited.agency.code]
        delegate = Delegate(head.get_full_name(), "Thủ trưởng cơ quan")
        attendances.name(invited, by=head, at=sent + dt.timedelta(days=2), delegate=delegate)
    briefings.hold(row, by=cast.officer, at=at_hour(day, 13, 30))
    everybody = set(row.attendances.values_list("pk", flat=True))
    attendances.take(row, by=cast.officer, at=at_hour(day, 14), ticked=everybody, seen=set())
    made = [
        _decide(row, cast, code, day + dt.timedelta(days=after), text)
        for code, after, text in (
            ("CAT", 25, "Thống nhất mẫu trao đổi thông tin giữa ba lực lượng."),
            ("BBP", 40, "Rà soát lực lượng tham gia tuần tra chung, báo cáo tại giao ban sau."),
        )
    ]
    later = at_hour(day, 16)
    minutes.write(row, by=cast.officer, at=later, texts={}, ended_at=at_hour(day, 15, 45))
    minutes.freeze(row, by=cast.officer, at=later)
    for n, person in enumerate((cast.officer, cast.commander), 1):
        at = later + dt.timedelta(minutes=15 * n)
        minutes.sign(row, by=person, at=at, shown_sha256=row.content_sha256)
    conclusions.put_in_plan(made[0], by=cast.officer, at=later + dt.timedelta(hours=1))


def _decide(row: Conference, cast: Cast, code: str, due_on: dt.date, text: str) -> Conclusion:
    concluded = Concluded(text, Agency.objects.get(code=code), None, due_on)
    at = at_hour(local_day(row.starts_at), 15, 30)
    return conclusions.conclude(row, by=cast.officer, at=at, concluded=concluded)
