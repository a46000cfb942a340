"""Requests for extension for the demonstration: those of the file, and one for each deadline that moved.

Every adjusted deadline has the decision it rests on, and in the running year one request waits on the
commander's desk. Written together, as the work in history.py is.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from portal.calendar.models import load_calendar
from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import HOST, TO_ACCEPT, TO_APPROVE, Content, Scene
from tasks.loading.extending import Asked, asked, request
from tasks.models import Assignment, ExtensionRequest, Programme
from tasks.states import EXTENDABLE_ASSIGNMENT, ExtensionState, ProgrammeState

_S = ExtensionState
REASON = "Chờ số liệu của các huyện, thị xã, thành phố; đề nghị lùi thời hạn để tổng hợp đầy đủ."
WAITING = "Cơ quan phối hợp gửi ý kiến chậm; cần thêm thời gian hoàn thiện sản phẩm trước khi báo cáo."
REFUSED = "Nội dung không phụ thuộc thời tiết đến mức phải lùi; đề nghị hoàn thành đúng thời hạn đã ký."
ASKED_BEFORE = 7  # days before the deadline
WAITS_SINCE = 2  # days before today
MORE = 20  # days that the waiting request asks for


def write(
    programme: Programme,
    content: Content,
    stage: Mapping[str, Scene],
    cast: Cast,
    *,
    until: dt.datetime,
) -> None:
    """Write the requests of a programme; `until` is the moment after which nothing has happened yet."""
    rows = {row.code: row for row in programme.assignments.select_related("programme", "lead")}
    today, calendar = local_day(until), load_calendar()
    found = list(_found(content, stage, rows, today))
    if programme.state == ProgrammeState.IN_FORCE and not any(one.state == _S.PENDING for one in found):
        found += _waiting(stage, {one.code for one in found}, today)
    by = {**cast.focal_points, HOST: cast.officer}
    ExtensionRequest.objects.bulk_create(
        request(one, rows[one.code], calendar=calendar, by=by, decided_by=cast.commander) for one in found
    )
    for one in found:
        rows[one.code].extensions_granted += one.state == _S.APPROVED
    Assignment.objects.bulk_update(rows.values(), ["extensions_granted"])


def _found(
    content: Content, stage: Mapping[str, Scene], rows: Mapping[str, Assignment], today: dt.date
) -> Iterator[Asked]:
    """Yield what the scenes and the file tell of together."""
    told = {one.code: one for one in asked(content, today)}
    for code, scene in stage.items():
        if scene.adjusted_on is not None:
            one = told.get(code)
            is_told = one is not None and one.new_on == scene.adjusted_on
            yield one if one is not None and is_told else _granted(rows[code], scene.adjusted_on, today)
    for code, one in told.items():
        row = rows[code]
        if one.state == _S.APPROVED or stage[code].adjusted_on or one.new_on <= row.deadline_on:
            continue
        if one.state == _S.REFUSED:
            yield replace(one, decision_note=REFUSED)
        elif row.status in EXTENDABLE_ASSIGNMENT and row.programme.state == ProgrammeState.IN_FORCE:
            yield one
        else:
            yield replace(one, state=_S.LAPSED, decided_on=row.submitted_on or today)


def _granted(row: Assignment, adjusted_on: dt.date, today: dt.date) -> Asked:
    """A request of which the file knows nothing, made some days before the deadline."""
    wanted = min(row.deadline_on - dt.timedelta(days=ASKED_BEFORE), today - dt.timedelta(days=WAITS_SINCE))
    begun = local_day(row.programme.in_force_at) if row.programme.in_force_at else wanted
    requested_on = max(wanted, begun)
    decided_on = requested_on + dt.timedelta(days=1)
    return Asked(row.code, requested_on, adjusted_on, _S.APPROVED, decided_on, REASON)


def _waiting(stage: Mapping[str, Scene], taken: set[str], today: dt.date) -> list[Asked]:
    """Choose work that is owed and not late, the nearest deadline first, rather of another agency."""
    taken = taken | {TO_ACCEPT, TO_APPROVE}
    owed = [
        scene
        for scene in stage.values()
        if scene.is_owed
        and scene.deadline_on > today
        and scene.adjusted_on is None
        and scene.code not in taken
    ]
    owed.sort(key=lambda scene: (scene.lead == HOST, scene.deadline_on, scene.code))
    last = dt.date(today.year, 12, 31)
    for scene in owed:
        new_on = min(scene.deadline_on + dt.timedelta(days=MORE), last)
        if new_on > scene.deadline_on and scene.deadline_on.year == today.year:
            requested_on = today - dt.timedelta(days=WAITS_SINCE)
            return [Asked(scene.code, requested_on, new_on, _S.PENDING, None, WAITING)]
    return []
