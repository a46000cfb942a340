"""Conferences of the demonstration: last year's with signed minutes, and a review that is still to come.

Day, agenda, who stayed away and who sent a deputy are the data file's; what was said is made up.
"""

import datetime as dt
from collections.abc import Collection, Iterator

from agreements import attendances, conclusions, conferences, discussions, minutes
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.conferences import Guest, Item, Plan
from agreements.discussions import Said
from agreements.models import Conference, InvitedAgency
from portal.agencies.models import Agency
from portal.lib.dates import LOCAL, local_day
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import Content
from portal.users.models import User
from tasks import parties
from tasks.models import Programme

HALL = "Hội trường Bộ Chỉ huy Quân sự tỉnh"
GUESTS = (Guest("Đại tá Nguyễn Trung Kiên", "Phó Tham mưu trưởng", "Bộ Tư lệnh Quân khu 4"),)
TIMES = (dt.time(8, 0), dt.time(8, 15), dt.time(9, 0), dt.time(10, 15), dt.time(10, 45), dt.time(11, 0))
EXCUSE = "Lãnh đạo cơ quan dự hội nghị ngành tại Hà Nội"
RESERVATIONS = {
    "STC": "Đề nghị xác định rõ nguồn kinh phí trước khi giao chỉ tiêu.",
    "SNNPTNT": "Đề nghị điều chỉnh thời hạn cho phù hợp mùa vụ.",
}
SAID = (
    ("SNV", "speech", 5, "Đã phối hợp giải quyết kịp thời chính sách; đề nghị thống nhất mẫu hồ sơ."),
    ("SXD", "point", 1, "Cần rà soát quy hoạch có sử dụng đất quốc phòng ngay từ quý I."),
    ("CAT", "proposal", 3, "Duy trì giao ban hằng tháng theo Nghị định số 03/2019/NĐ-CP."),
    ("UBMTTQ", "speech", 2, "Đẩy mạnh vận động Nhân dân chấp hành Luật Nghĩa vụ quân sự."),
)
CONCLUDED = (
    ("BCHQS", 1, (3, 31), "Hoàn thiện quy chế phối hợp, gửi các cơ quan, đơn vị trong quý I."),
    ("SXD", 1, (6, 30), "Rà soát các quy hoạch có liên quan đến đất quốc phòng."),
    (
        None,
        None,
        None,
        "Các cơ quan, đơn vị bám sát 5 nhiệm vụ trọng tâm, 8 giải pháp chủ yếu đã thống nhất.",
    ),
)
STILL_TO_NAME = frozenset({"SNV", "STC", "SXD", "SCT", "CAT"})
"""Agencies that have named nobody for the review: what waits on their homes."""


def write(finished: Programme, running: Programme, past: Content, cast: Cast, *, at: dt.datetime) -> None:
    """Write both: that of the programme that ended, and of the running one what is still to come."""
    last_year(finished, past, cast)
    review(running, cast, at=at)


def last_year(programme: Programme, content: Content, cast: Cast) -> None:
    """Hold the conference of a programme, from the plan to minutes that two people confirmed."""
    facts, day = content["conference"], programme.conference_on or dt.date(programme.year, 1, 11)
    plan = Plan(
        kind=Conference.Kind.ANNUAL,
        title=facts["title_vi"].replace("2023", str(programme.year)),
        starts_at=at_hour(day, 8),
        place=HALL,
        chair=cast.commander,
        secretary=cast.officer,
        delegates_until=day - dt.timedelta(days=1),
        agenda=tuple(
            Item(
                row["title_vi"].replace("2022", str(programme.year - 1)).replace("2023", str(programme.year)),
                at,
            )
            for row, at in zip(facts["agenda"], TIMES, strict=True)
        ),
        guests=GUESTS,
        agencies=list(parties.agencies(programme).exclude(pk=programme.host_id)),
    )
    early = at_hour(day - dt.timedelta(days=7), 9)
    row = conferences.prepare(programme, by=cast.officer, at=early, plan=plan)
    conferences.invite(row, by=cast.officer, at=early + dt.timedelta(hours=1))
    told = facts["attendance_demo"]
    _name(
        row,
        cast,
        at=early + dt.timedelta(days=2),
        absent=set(told["absent"]),
        deputies=set(told["delegated"]),
    )
    _meet(row, cast, day)
    end = at_hour(day, 11, 30)
    texts = {part.section.value: part.text for part in minutes.parts(row)}
    later = end + dt.timedelta(hours=3)
    minutes.write(row, by=cast.officer, at=later, texts=texts, ended_at=end)
    minutes.freeze(row, by=cast.officer, at=later)
    for n, person in enumerate((cast.officer, cast.commander), 1):
        minutes.sign(row, by=person, at=later + dt.timedelta(minutes=20 * n), shown_sha256=row.content_sha256)


def review(programme: Programme, cast: Cast, *, at: dt.datetime) -> None:
    """Invite the parties to a review in two weeks; most of them have named who comes."""
    day = local_day(at) + dt.timedelta(days=14)
    plan = Plan(
        kind=Conference.Kind.INTERIM,
        title=f"Hội nghị rà soát tiến độ thực hiện Chương trình phối hợp năm {programme.year}",
        starts_at=at_hour(day, 14),
        place=HALL,
        chair=cast.commander,
        secretary=cast.officer,
        delegates_until=day - dt.timedelta(days=4),
        agenda=(
            Item("Báo cáo tiến độ thực hiện", dt.time(14, 0), "Trợ lý chương trình"),
            Item("Thảo luận", dt.time(14, 45)),
            Item("Kết luận", dt.time(16, 0), "Chỉ huy trưởng"),
        ),
        agencies=list(parties.agencies(programme).exclude(pk=programme.host_id)),
    )
    sent = at - dt.timedelta(days=3)
    row = conferences.prepare(programme, by=cast.officer, at=sent, plan=plan)
    conferences.invite(row, by=cast.officer, at=sent)
    _name(row, cast, at=at - dt.timedelta(days=1), skipped=STILL_TO_NAME)


def at_hour(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


def invited_of(row: Conference) -> Iterator[InvitedAgency]:
    rows = InvitedAgency.objects.select_related("agency")
    for invited in rows.filter(conference=row):
        invited.conference = row
        yield invited


def _name(
    row: Conference,
    cast: Cast,
    *,
    at: dt.datetime,
    absent: Collection[str] = (),
    deputies: Collection[str] = (),
    skipped: Collection[str] = (),
) -> None:
    """Heads come themselves, or send a deputy; who stays away says why."""
    for invited in invited_of(row):
        code = invited.agency.code
        head, by = cast.heads[code], cast.focal_points.get(code, cast.officer)
        if code in absent:
            attendances.excuse(invited, by=by, at=at, reason=EXCUSE)
        elif code not in skipped:
            delegate = Delegate(head.get_full_name(), _title(head))
            if code in deputies:
                deputy = cast.deputies.get(code, cast.newcomer)
                delegate = Delegate(deputy.get_full_name(), _title(deputy), head.get_full_name())
            attendances.name(invited, by=by, at=at, delegate=delegate)


def _title(user: User) -> str:
    post = user.post
    return (post.title or str(post.get_role_display())) if post else ""


def _meet(row: Conference, cast: Cast, day: dt.date) -> None:
    """Everybody who was named comes; some speak, most agree, the commander concludes."""
    everybody = set(row.attendances.values_list("pk", flat=True))
    attendances.take(row, by=cast.officer, at=at_hour(day, 8, 10), ticked=everybody, seen=set())
    agencies = {invited.agency.code: invited for invited in invited_of(row)}
    tasks = {task.number: task for task in row.programme.priority_tasks.all()}
    for n, (code, kind, task, text) in enumerate(SAID):
        said = Said(kind, text, cast.heads[code].get_full_name(), tasks.get(task))
        discussions.contribute(agencies[code], by=cast.officer, at=at_hour(day, 9, 10 + 5 * n), said=said)
    named = set(row.attendances.values_list("agency", flat=True))
    for code, invited in agencies.items():
        if invited.agency_id in named:
            words = RESERVATIONS.get(code, "")
            assent = InvitedAgency.Assent.MOSTLY if words else InvitedAgency.Assent.FULL
            discussions.agree(
                invited, by=cast.officer, at=at_hour(day, 10, 20), assent=assent, reservation=words
            )
    for owner, number, until, text in CONCLUDED:
        concluded = Concluded(
            text,
            Agency.objects.get(code=owner) if owner else None,
            tasks.get(number) if number else None,
            dt.date(day.year, *until) if until else None,
        )
        conclusions.conclude(row, by=cast.commander, at=at_hour(day, 11), concluded=concluded)
