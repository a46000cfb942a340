"""Write scenes into rows: status, figures and the log that a year of work would have left.

The rows are written together and not step by step through tasks.assignments, which would tell
hundreds of people of things long past and leave thousands of audit events that nobody did. The
audit trail says once, truly, that a demonstration was loaded. Statuses still move by the table,
one step after the other.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from portal.calendar.models import load_calendar
from portal.lib.dates import local_day, start_of_day
from portal.lib.states import move_all
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import Scene
from portal.users.models import User
from tasks import due_days
from tasks.models import Assignment, Programme, Progress
from tasks.states import ASSIGNMENT, AssignmentStatus

_S = AssignmentStatus
WORK = (_S.ACCEPTED, _S.IN_PROGRESS)
PATHS = {
    _S.ASSIGNED: (),
    _S.ACCEPTED: WORK[:1],
    _S.IN_PROGRESS: WORK,
    _S.CARRIED_OVER: (*WORK, _S.CARRIED_OVER),
    _S.AWAITING_HEAD: (*WORK, _S.AWAITING_HEAD),
    _S.SUBMITTED: (*WORK, _S.AWAITING_HEAD, _S.SUBMITTED),
    _S.CONFIRMED: (*WORK, _S.AWAITING_HEAD, _S.SUBMITTED, _S.CONFIRMED),
}
WORDS = {
    _S.ACCEPTED: "Đã tiếp nhận, giao phòng chuyên môn thực hiện.",
    _S.IN_PROGRESS: "Đang triển khai theo kế hoạch; các cơ quan phối hợp đã cử cán bộ tham gia.",
    _S.AWAITING_HEAD: "Đã hoàn thành nội dung được giao, đạt chỉ tiêu đề ra; trình lãnh đạo duyệt.",
    _S.SUBMITTED: "Đồng ý gửi kết quả về Bộ Chỉ huy Quân sự tỉnh.",
    _S.CONFIRMED: "Xác nhận hoàn thành.",
    _S.CARRIED_OVER: "Nội dung nhiều năm, chuyển tiếp sang năm sau.",
}
LATE_WORDS = "Tiến độ chậm do chờ ý kiến của cơ quan phối hợp; đang tập trung hoàn thành."
RESULT = "Đã hoàn thành nội dung được giao, đạt chỉ tiêu đề ra."
SENT = frozenset({_S.AWAITING_HEAD, _S.SUBMITTED, _S.CONFIRMED})


def write(programme: Programme, scenes: Mapping[str, Scene], cast: Cast, *, until: dt.datetime) -> None:
    """Bring the assignments of a programme in force from assigned to where the scenes have them.

    `until` is the moment after which nothing has happened yet.
    """
    rows = {row.code: row for row in programme.assignments.all()}
    log: list[Progress] = []
    for code, scene in scenes.items():
        entries = _log(rows[code], scene, cast, programme, until)
        _set_columns(rows[code], scene, entries)
        log += entries
    Assignment.objects.bulk_update(rows.values(), COLUMNS)
    _move(programme, rows, scenes)
    due_days.refresh(programme.assignments.all(), calendar=load_calendar())
    Progress.objects.bulk_create(log)


COLUMNS = (
    "adjusted_on",
    "actual",
    "progress_percent",
    "result_text",
    "submitted_on",
    "confirmed_at",
    "changed_at",
)


def _set_columns(row: Assignment, scene: Scene, entries: list[Progress]) -> None:
    row.adjusted_on = scene.adjusted_on
    row.actual = scene.actual
    row.progress_percent = scene.percent
    row.submitted_on = scene.submitted_on
    row.result_text = RESULT if scene.status in SENT else entries[-1].text if entries else ""
    row.changed_at = entries[-1].at if entries else None
    row.confirmed_at = row.changed_at if scene.status == _S.CONFIRMED else None


def _move(programme: Programme, rows: Mapping[str, Assignment], scenes: Mapping[str, Scene]) -> None:
    """Take every step of the longest path, each with all the rows whose path has it."""
    for step in (*PATHS[_S.CONFIRMED], _S.CARRIED_OVER):
        ids = [rows[code].pk for code, scene in scenes.items() if step in PATHS[scene.status]]
        move_all(programme.assignments.filter(pk__in=ids), step, ASSIGNMENT, field="status")


def _log(
    row: Assignment, scene: Scene, cast: Cast, programme: Programme, until: dt.datetime
) -> list[Progress]:
    """Return the entries that lead to a scene, in order of time, none after `until`."""
    begun = programme.in_force_at or until
    entries = []
    for status, at in _steps(scene, begun, until):
        is_late = status == _S.IN_PROGRESS and scene.is_owed and scene.deadline_on < local_day(until)
        entries.append(
            Progress(
                assignment=row,
                at=at,
                by=_hand(cast, status, scene.lead),
                status=status,
                actual=0 if status == _S.ACCEPTED else scene.actual,
                progress_percent=0 if status == _S.ACCEPTED else scene.percent,
                text=LATE_WORDS if is_late else WORDS[status],
            )
        )
    return entries


def _hand(cast: Cast, status: str, agency: str) -> User:
    """Return who takes the step to a status."""
    if status in {_S.CONFIRMED, _S.CARRIED_OVER}:
        return cast.officer
    return cast.heads[agency] if status == _S.SUBMITTED else cast.focal_points[agency]


def _steps(
    scene: Scene, begun: dt.datetime, until: dt.datetime
) -> Iterator[tuple[AssignmentStatus, dt.datetime]]:
    """Yield each status of the path with its moment, from `begun` on and in order."""
    sent = until - dt.timedelta(days=1)
    if scene.submitted_on:
        sent = min(sent, start_of_day(scene.submitted_on) + dt.timedelta(hours=15))
    started = start_of_day(scene.started_on) + dt.timedelta(hours=8) if scene.started_on else sent
    started = max(begun, min(started, sent))
    moments = {
        _S.ACCEPTED: min(begun + dt.timedelta(days=2), started),
        _S.IN_PROGRESS: started,
        _S.AWAITING_HEAD: max(started, sent - dt.timedelta(hours=5)),
        _S.SUBMITTED: max(started, sent),
        _S.CONFIRMED: min(max(started, sent) + dt.timedelta(days=1), until),
        _S.CARRIED_OVER: until,
    }
    for status in PATHS[scene.status]:
        yield status, moments[status]
