"""Conversations for the demonstration: a question to the command, its answer, a word within an agency."""

import datetime as dt
from typing import Any

from portal.operations.demo.people import Cast
from portal.users.models import User
from tasks.models import Comment, Mention, Programme
from tasks.states import OPEN_ASSIGNMENT

MOST = 3
"""Of the duties that are owed, the most pressing ones."""

ASKED = "Đề nghị Bộ Chỉ huy cho ý kiến về biểu mẫu tổng hợp; cơ quan dự kiến gửi dự thảo trong tuần này."
ANSWERED = "Đã nhận. Dùng biểu mẫu của quý trước, bổ sung cột nguyên nhân chậm; gửi trước thứ sáu."
INTERNAL = "Phòng chuyên môn rà lại số liệu trước khi trình thủ trưởng."
UNCLEAR = "Nội dung này áp dụng cho cả cấp xã, hay chỉ cơ quan cấp tỉnh?"


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Write a few comments about what is owed and about the text; nobody is told of them."""
    owed = programme.assignments.filter(status__in=OPEN_ASSIGNMENT, due_on__isnull=False)
    at = until - dt.timedelta(days=2)
    for row in owed.exclude(lead=programme.host).select_related("lead").order_by("due_on", "code")[:MOST]:
        focal = cast.focal_points[row.lead.code]
        asked = _say(focal, at, ASKED, assignment=row, agency=row.lead)
        _say(
            focal, at + dt.timedelta(minutes=20), INTERNAL, assignment=row, agency=row.lead, is_internal=True
        )
        answered_at = at + dt.timedelta(hours=3)
        answered = _say(cast.officer, answered_at, ANSWERED, assignment=row, agency=programme.host)
        Mention.objects.create(comment=asked, user=cast.officer)
        Mention.objects.create(comment=answered, user=focal)
    clause, party = programme.clauses.first(), programme.signatories.last()
    if clause and party:
        _say(cast.focal_points[party.agency.code], at, UNCLEAR, clause=clause, agency=party.agency)


def _say(by: User, at: dt.datetime, text: str, **about: Any) -> Comment:
    return Comment.objects.create(by=by, at=at, text=text, **about)
