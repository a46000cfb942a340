"""What the portal tells whoever runs it: that no backup has been proven."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import DateField, F, Value
from django.urls import reverse

from portal.audit import backups as proofs
from portal.notices import planning
from portal.notices.kinds import Group, Kind
from portal.notices.models import Notice
from portal.operations import backups
from portal.users.models import Role
from tasks.models import Programme


def _home(_programme_id: int) -> str:
    return reverse("home")


def _still_unproven(notices: Sequence[Notice], today: dt.date) -> set[int]:
    programme = backups.running()
    if programme is None:
        return set()
    due_on = backups.due_on(programme, proofs.newest())
    return {notice.pk for notice in notices if notice.subject_id == programme.pk and notice.due_on == due_on}


UNPROVEN = Kind(
    code="backup.unproven",
    text_vi="Chưa khôi phục thử bản sao lưu mới của Cổng, hạn $due; bản chưa khôi phục thử thì chưa tin được",
    text_en="No new backup of the portal was restored and checked, due $due; until then none is certain",
    path=_home,
    audience=(frozenset({Role.ADMINISTRATOR}),),
    group=Group.DECIDE,
    still_due=_still_unproven,
    cannot_be_off=True,
    days=(0, 7, 14, 21, 30, 60),
)
KINDS = (UNPROVEN,)


def plan(at: dt.datetime) -> int:
    """Remind the administrators, while a programme is in force; return how many are new."""
    programme = backups.running()
    if programme is None:
        return 0
    due_on = Value(backups.due_on(programme, proofs.newest()), output_field=DateField())
    subjects = Programme.objects.filter(pk=programme.pk).annotate(due_on=due_on)
    rows = subjects.values(
        "due_on",
        "title_vi",
        "title_en",
        agency_id=F("host_id"),
        subject_id=F("pk"),
        code=Value(""),
    )
    return planning.sweep(rows, KINDS, at=at)
