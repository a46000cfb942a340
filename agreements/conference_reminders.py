"""What the portal tells about conferences: invitations, delegates to be named, minutes to be confirmed."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.urls import reverse

from agreements.models import Attendance, Conference, InvitedAgency
from agreements.states import GOING_CONFERENCE, ConferenceState
from portal.lib import walls
from portal.lib.dates import local_day
from portal.notices import outbox, planning
from portal.notices.kinds import EVERYBODY, FOCAL_POINTS, FOCAL_POINTS_AND_HEAD, Group, Kind, among, owed
from portal.users.models import User
from tasks.states import ENDED_PROGRAMME


def _path(invited_id: int) -> str:
    rows = InvitedAgency.objects.filter(pk=invited_id).values_list("conference_id", "agency__code")
    return reverse("conferences:agency", args=rows.get())


def _minutes_path(conference_id: int) -> str:
    return reverse("conferences:minutes", args=[conference_id])


def _minutes_path_of_agency(invited_id: int) -> str:
    return _minutes_path(InvitedAgency.objects.values_list("conference_id", flat=True).get(pk=invited_id))


def _list_path(invited_id: int) -> str:
    conference = InvitedAgency.objects.values_list("conference_id", flat=True).get(pk=invited_id)
    return reverse("conferences:briefing", args=[conference])


def _expected(states: Collection[ConferenceState]) -> QuerySet[InvitedAgency]:
    """The invited of conferences in these states, while the programme goes on."""
    rows = InvitedAgency.objects.filter(conference__state__in=states)
    return rows.exclude(conference__programme__state__in=ENDED_PROGRAMME)


def unnamed() -> QuerySet[InvitedAgency]:
    """Invited agencies that have named nobody and have not said that they cannot come."""
    named = Attendance.objects.filter(conference=OuterRef("conference"), agency=OuterRef("agency"))
    rows = _expected([ConferenceState.INVITED]).filter(excuse="")
    return rows.filter(~Exists(named)).annotate(until=F("conference__delegates_until"))


INVITED = Kind(
    code="conference.invited",
    text_vi="Mời dự hội nghị ngày $due: $title. Xem giấy mời và cử đại biểu",
    text_en="You are invited to a conference on $due: $title. Read the invitation and name delegates",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(lambda: _expected(GOING_CONFERENCE)),
)
BRIEFING = Kind(
    code="briefing.called",
    text_vi="Mời dự giao ban ngày $due: $title. Xem nội dung và cử người dự",
    text_en="You are asked to a briefing on $due: $title. Read the agenda and name who comes",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(lambda: _expected(GOING_CONFERENCE)),
)
LISTED = Kind(
    code="briefing.listed",
    text_vi="Việc của cơ quan có trong danh mục giao ban ngày $due: $title",
    text_en="Something of your agency stands on the list of the briefing of $due: $title",
    path=_list_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
MOVED = Kind(
    code="conference.moved",
    text_vi="Cuộc họp thay đổi thời gian hoặc địa điểm, nay vào ngày $due: $title",
    text_en="Another time or place, now on $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(lambda: _expected(GOING_CONFERENCE)),
)
CALLED_OFF = Kind(
    code="conference.called_off",
    text_vi="Cuộc họp ngày $due không tổ chức: $title",
    text_en="The meeting on $due is called off: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
    urgent=True,
)
NAME_DELEGATES = Kind(
    code="conference.name_delegates",
    text_vi="Nhắc cử đại biểu dự họp, hạn $due: $title",
    text_en="Please name your delegates by $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(unnamed, "until"),
    days=(-3, -1, 0),
)
SIGN_MINUTES = Kind(
    code="conference.sign_minutes",
    text_vi="Biên bản chờ xác nhận: $title",
    text_en="The minutes wait for your confirmation: $title",
    path=_minutes_path,
    audience=EVERYBODY,
    group=Group.SIGN,
    still_due=among(lambda: Conference.objects.filter(state=ConferenceState.FROZEN)),
    urgent=True,
)
REOPENED = Kind(
    code="conference.minutes_reopened",
    text_vi="Biên bản được mở lại để sửa, xác nhận của đồng chí không còn hiệu lực: $title",
    text_en="The minutes were opened again to be mended, your confirmation no longer counts: $title",
    path=_minutes_path,
    audience=EVERYBODY,
    group=Group.KNOW,
    urgent=True,
)
MINUTES = Kind(
    code="conference.minutes",
    text_vi="Biên bản đã được ký xác nhận: $title",
    text_en="The minutes are confirmed: $title",
    path=_minutes_path_of_agency,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
KINDS = (INVITED, BRIEFING, LISTED, MOVED, CALLED_OFF, NAME_DELEGATES, SIGN_MINUTES, REOPENED, MINUTES)


def plan(at: dt.datetime) -> int:
    """Remind whoever has named no delegate; return how many notices are new."""
    subjects = unnamed().values(
        "agency_id",
        subject_id=F("pk"),
        due_on=F("until"),
        code=Value(""),
        title_vi=F("conference__title"),
        title_en=Value(""),
    )
    return planning.sweep(subjects, (NAME_DELEGATES,), at=at)


def tell_invited(rows: Sequence[InvitedAgency], *, by: User, at: dt.datetime) -> None:
    """Tell agencies that they are invited; inside the action that invites them."""
    called = [row for row in rows if row.conference.is_briefing]
    others = [row for row in rows if not row.conference.is_briefing]
    outbox.tell(BRIEFING, *(_about(row) for row in called), by=by, at=at)
    outbox.tell(INVITED, *(_about(row) for row in others), by=by, at=at)


def tell_listed(rows: Sequence[InvitedAgency], *, by: User, at: dt.datetime) -> None:
    """Tell agencies that they stand on the list of a briefing; inside the action that freezes it."""
    outbox.tell(LISTED, *(_about(row) for row in rows), by=by, at=at)


def tell_moved(rows: Sequence[InvitedAgency], *, by: User, at: dt.datetime) -> None:
    """Tell agencies of another time or place; inside the action that changes it."""
    outbox.tell(MOVED, *(_about(row) for row in rows), by=by, at=at)


def tell_called_off(rows: Sequence[InvitedAgency], *, by: User, at: dt.datetime) -> None:
    """Tell agencies that they need not come; inside the action that calls the conference off."""
    outbox.tell(CALLED_OFF, *(_about(row) for row in rows), by=by, at=at)


def tell_signed(conference: Conference, *, by: User, at: dt.datetime) -> None:
    """Tell every agency that the minutes stand; inside the action of the second who confirms."""
    with walls.everything():  # a deputy in the chair sees the invitation of the own agency alone
        rows = list(conference.invited.select_related("conference"))
    outbox.tell(MINUTES, *(_about(row) for row in rows), by=by, at=at)


def _about(row: InvitedAgency) -> outbox.About:
    conference = row.conference
    return outbox.About(row, row.agency_id, title_vi=conference.title, due_on=local_day(conference.starts_at))


def tell_signers(conference: Conference, *, by: User, at: dt.datetime) -> None:
    """Ask chair and secretary to confirm the minutes; inside the action that freezes them."""
    both = frozenset({conference.chair_id, conference.secretary_id})
    about = outbox.About(conference, conference.programme.host_id, title_vi=conference.title, only=both)
    outbox.tell(SIGN_MINUTES, about, by=None, at=at)


def tell_reopened(conference: Conference, signers: frozenset[int], *, by: User, at: dt.datetime) -> None:
    """Tell who has confirmed that it no longer counts; inside the action that opens the minutes again."""
    if signers:
        about = outbox.About(
            conference, conference.programme.host_id, title_vi=conference.title, only=signers
        )
        outbox.tell(REOPENED, about, by=by, at=at)


def settle_delegates(row: InvitedAgency, *, at: dt.datetime) -> None:
    """Take back the reminder; inside the action that names somebody or excuses the agency."""
    outbox.cancel(row, kinds=[NAME_DELEGATES], at=at)


def settle_invitations(rows: Sequence[InvitedAgency], *, at: dt.datetime) -> None:
    """Take back what asked agencies to come; inside the action that calls the conference off."""
    outbox.cancel(*rows, kinds=[INVITED, BRIEFING, MOVED, NAME_DELEGATES], at=at)


def settle_minutes(conference: Conference, *, at: dt.datetime) -> None:
    """Take back what asked for confirmation; inside the action that confirms last, or opens again."""
    outbox.cancel(conference, kinds=[SIGN_MINUTES], at=at)
