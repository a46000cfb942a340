"""A conference on paper: the invitation of each agency, and the minutes. Words of papers stay Vietnamese."""

import datetime as dt

from django.conf import settings

from agreements import minutes, minutes_draft
from agreements.models import Conference, InvitedAgency
from portal.lib.dates import LOCAL, local_day
from portal.papers.meetings import InvitationPaper, Issuer, MinutesPaper, MinutesSection
from portal.users.models import Membership


def invitation_of(invited: InvitedAgency) -> InvitationPaper:
    """Return the invitation of one agency, as the conference is planned now."""
    row, host = invited.conference, invited.conference.programme.host
    at = row.invited_at or row.starts_at
    day = local_day(row.starts_at)
    what = "giao ban" if row.is_briefing else "hội nghị"
    posts = Membership.objects.valid_on(day).filter(user=row.chair_id).order_by("valid_from")
    titles = {post.user_id: post.title for post in posts}
    return InvitationPaper(
        profile=row.programme.page_profile,
        title=f"Dự {row.title}",
        made_at=at.replace(microsecond=0),
        issuer=Issuer(host.header_parent or None, host.name_vi),
        symbol=f"GM-{host.symbol or host.code}",
        place=row.programme.place,
        year=local_day(at).year,
        dated_on=local_day(row.invited_at) if row.invited_at else None,
        invited=invited.agency.name_vi,
        opening=f"{host.name_vi} trân trọng kính mời:",
        facts=(
            ("Tới dự", row.title),
            ("Chủ trì", minutes_draft.with_title(row.chair, titles)),
            ("Thời gian", minutes_draft.moment(row.starts_at)),
            ("Địa điểm", row.place),
        ),
        agenda=tuple(minutes_draft.item(item) for item in row.agenda.all()),
        closing=(
            f"Đề nghị quý cơ quan, đơn vị cử đại biểu dự {what} và đăng ký danh sách trên cổng chậm nhất "
            f"ngày {row.delegates_until:%d/%m/%Y}./.",
        ),
        recipients=("Như trên", "Lưu: VT"),
        capacity=host.block_lines,
        signer="",
        demo=settings.DEMO,
    )


def minutes_of(conference: Conference, *, at: dt.datetime) -> MinutesPaper:
    """Return the minutes: what is frozen with who confirmed it when, or the draft, which says so."""
    content = minutes.written(conference)
    host, starts_at = content["host"], dt.datetime.fromisoformat(content["starts_at"])
    return MinutesPaper(
        profile=content["profile"],
        title=content["title"],
        made_at=(conference.frozen_at or at).replace(microsecond=0),
        issuer=Issuer(host["parent"] or None, host["name"]),
        symbol=f"BB-{host['symbol']}",
        year=starts_at.astimezone(LOCAL).year,
        sections=tuple(
            MinutesSection(section["title"], tuple(section["lines"])) for section in content["sections"]
        ),
        recipients=(
            f"Các cơ quan, đơn vị dự {'giao ban' if conference.is_briefing else 'hội nghị'}",
            "Lưu: VT",
        ),
        secretary=content["names"]["secretary"],
        secretary_confirmed=_confirmed(conference, conference.secretary_signed_at),
        chair=content["names"]["chair"],
        chair_confirmed=_confirmed(conference, conference.chair_signed_at),
        draft=not conference.is_frozen,
        demo=settings.DEMO,
    )


def _confirmed(conference: Conference, at: dt.datetime | None) -> tuple[str, ...]:
    if at is None:
        return ()
    digest = conference.content_sha256
    return (
        "Đã xác nhận trên cổng",
        f"{at.astimezone(LOCAL):%H:%M:%S} ngày {at.astimezone(LOCAL):%d/%m/%Y}",
        f"SHA-256 {digest[:8]}…{digest[-8:]}",
    )
