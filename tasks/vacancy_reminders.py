"""What the portal tells about posts that nobody holds, to whoever can fill or hear of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf
from django.urls import reverse

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.notices import planning
from portal.notices.kinds import Group, Kind
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import vacancies
from tasks.deadlines import VACANT_DAYS
from tasks.models import Programme
from tasks.states import ProgrammeState

NEITHER = ("chưa có thủ trưởng và cán bộ đầu mối", "has no head and no focal point")
NO_HEAD = ("chưa có thủ trưởng", "has no head")
NO_FOCAL_POINT = ("chưa có cán bộ đầu mối", "has no focal point")


def _path(agency_id: int) -> str:
    code = Agency.objects.values_list("code", flat=True).get(pk=agency_id)
    return reverse("agencies:detail", args=[code])


def _running() -> Programme | None:
    return Programme.objects.filter(state=ProgrammeState.IN_FORCE).order_by("-year").first()


def _still_vacant(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose agency still has the gap that they speak of."""
    programme = _running()
    rows = vacancies.gaps(programme, today).values_list("pk", "last_held_on") if programme else ()
    since = dict(rows)
    return {notice.pk for notice in notices if since.get(notice.subject_id) == notice.due_on}


VACANT = Kind(
    code="agency.vacant",
    text_vi="Nhắc việc và báo cáo chưa đến đúng người: $title (từ sau ngày $due)",
    text_en="Reminders and reports do not reach whom they should: $title (since $due)",
    path=_path,
    audience=(frozenset({Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER}),),
    group=Group.DECIDE,
    still_due=_still_vacant,
    days=VACANT_DAYS,
    counts_waiting=True,
)
KINDS = (VACANT,)


def plan(at: dt.datetime) -> int:
    """Remind the administrators and the officers of posts without a holder; return how many are new."""
    programme = _running()
    if programme is None:
        return 0
    today = local_day(at)
    rows = vacancies.gaps(programme, today).order_by()
    return planning.sweep(_subjects(rows, programme.host_id), KINDS, at=at)


def _subjects(rows: QuerySet[Any], host_id: int) -> QuerySet[Any, Any]:
    return rows.values(
        "code",
        subject_id=F("pk"),
        agency_id=Value(host_id),
        due_on=F("last_held_on"),
        title_vi=Concat(F("name_vi"), Value(" "), _missing(0)),
        title_en=Concat(Coalesce(NullIf(F("name_en"), Value("")), F("name_vi")), Value(" "), _missing(1)),
    )


def _missing(language: int) -> Case:
    return Case(
        When(has_head=False, has_focal_point=False, then=Value(NEITHER[language])),
        When(has_head=False, then=Value(NO_HEAD[language])),
        default=Value(NO_FOCAL_POINT[language]),
        output_field=CharField(),
    )
