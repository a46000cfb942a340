"""What the portal tells about urgings of an agency as a whole: a letter, and several things at once."""

import datetime as dt

from django.urls import reverse

from portal.agencies.models import Agency
from portal.notices import outbox
from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, Group, Kind
from portal.users.models import User
from tasks.models import UrgingLetter


def _letter_path(letter_id: int) -> str:
    return reverse("urgings:letter", args=[letter_id])


def _owed_path(agency_id: int) -> str:
    return reverse("home")


LETTER = Kind(
    code="urging.letter",
    text_vi="Công văn đôn đốc số $code, phúc đáp chậm nhất ngày $due: $title",
    text_en="Letter of urging no. $code, answer by $due: $title",
    path=_letter_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
)
SEVERAL = Kind(
    code="urging.several",
    text_vi="Bộ Chỉ huy đôn đốc: $title",
    text_en="Urged by the command: $title",
    path=_owed_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
)
KINDS = (LETTER, SEVERAL)


def tell_letter(letter: UrgingLetter, *, by: User, at: dt.datetime) -> None:
    """Tell the head and the focal points of the agency; inside the action."""
    outbox.tell(LETTER, _about(letter), by=by, at=at)


def _about(letter: UrgingLetter) -> outbox.About:
    named = ", ".join(
        thing["code"] if thing["kind"] == "assignment" else thing["title"] for thing in letter.things
    )
    return outbox.About(letter, letter.agency_id, code=letter.number, title_vi=named, due_on=letter.reply_by)


def tell_several(agency: Agency, codes: list[str], *, by: User, at: dt.datetime) -> None:
    """Tell the head and the focal points of the agency once, whatever the number of things."""
    listed = ", ".join(codes)
    outbox.tell(SEVERAL, outbox.About(agency, agency.pk, title_vi=listed, title_en=listed), by=by, at=at)
