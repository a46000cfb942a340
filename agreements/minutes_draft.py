"""What the minutes say by themselves: every section drafted from what was recorded. Always Vietnamese.

Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.9 (biên bản).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agreements.models import (
    AgendaItem,
    Attendance,
    BriefingList,
    Conclusion,
    Conference,
    Contribution,
    InvitedAgency,
    MinutesPart,
)
from portal.lib.dates import LOCAL
from portal.users.models import Membership, User
from tasks.models import Clause
from tasks.paper_words import NOTHING, day

Section = MinutesPart.Section
Assent = InvitedAgency.Assent
TITLES = {
    Section.OPENING: "",
    Section.ATTENDANCE: "I. THÀNH PHẦN THAM DỰ",
    Section.AGENDA: "II. NỘI DUNG, CHƯƠNG TRÌNH",
    Section.DISCUSSION: "III. Ý KIẾN TẠI HỘI NGHỊ",
    Section.ASSENT: "IV. MỨC ĐỘ THỐNG NHẤT",
    Section.CONCLUSIONS: "V. KẾT LUẬN",
    Section.CLOSING: "",
}
BRIEFING_TITLES = {
    Section.OPENING: "",
    Section.ATTENDANCE: "I. THÀNH PHẦN THAM DỰ",
    Section.AGENDA: "II. NỘI DUNG GIAO BAN",
    Section.STANDING: "III. VIỆC TỒN ĐỌNG ĐƯỢC NÊU TẠI GIAO BAN",
    Section.DISCUSSION: "IV. Ý KIẾN TẠI GIAO BAN",
    Section.CONCLUSIONS: "V. KẾT LUẬN",
    Section.CLOSING: "",
}
"""A briefing reads the list of what stands open, and asks nobody how far they agree."""
ASSENT_WORDS = {
    Assent.FULL: "thống nhất",
    Assent.MOSTLY: "cơ bản thống nhất",
    Assent.NONE: "không thống nhất",
}

SECTIONS: dict[str, str] = {
    Clause.Section.OPENING: "phần mở đầu",
    Clause.Section.PURPOSE: "mục I",
    Clause.Section.RESPONSIBILITY: "mục IV",
    Clause.Section.ORGANISATION: "mục V",
}


@dataclass(frozen=True)
class Facts:
    """Everything that was recorded, read in a fixed number of queries."""

    conference: Conference
    agenda: Sequence[AgendaItem]
    invited: Sequence[InvitedAgency]
    attendances: Sequence[Attendance]
    contributions: Sequence[Contribution]
    conclusions: Sequence[Conclusion]
    titles: dict[int, str]  # of chair and secretary, by user
    standing: Mapping[str, Any] | None  # the frozen list of a briefing

    @property
    def guests(self) -> list[Attendance]:
        return [row for row in self.attendances if row.agency_id is None and row.present_at]

    @property
    def delegates(self) -> dict[int, list[Attendance]]:
        """Those who are present, by their agency."""
        found: dict[int, list[Attendance]] = defaultdict(list)
        for row in self.attendances:
            if row.agency_id and row.present_at:
                found[row.agency_id].append(row)
        return dict(found)

    @property
    def absent(self) -> list[InvitedAgency]:
        return [row for row in self.invited if row.agency_id not in self.delegates]

    def assented(self, assent: str) -> list[InvitedAgency]:
        return [row for row in self.invited if row.assent == assent]


def gather(conference: Conference) -> Facts:
    """Read what the minutes are made from."""
    people = [conference.chair_id, conference.secretary_id]
    day_on = conference.starts_at.astimezone(LOCAL).date()
    posts = Membership.objects.valid_on(day_on).filter(user__in=people).order_by("valid_from", "pk")
    about = conference.contributions.select_related("agency", "clause", "task", "solution")
    return Facts(
        conference=conference,
        agenda=list(conference.agenda.all()),
        invited=list(conference.invited.select_related("agency")),
        attendances=list(conference.attendances.select_related("agency")),
        contributions=list(about.order_by("agency__protocol_order", "pk")),
        conclusions=list(conference.conclusions.select_related("owner")),
        titles={post.user_id: post.title for post in posts},
        standing=_standing(conference),
    )


def _standing(conference: Conference) -> Mapping[str, Any] | None:
    row = BriefingList.objects.filter(conference=conference).first() if conference.is_briefing else None
    return row.content if row else None


def titles_of(conference: Conference) -> dict[Section, str]:
    """Return the sections of its minutes in the order of the paper, with their titles."""
    return BRIEFING_TITLES if conference.is_briefing else TITLES


def draft(facts: Facts) -> dict[str, str]:
    """Return what each section says by itself, paragraphs by line."""
    written = {
        Section.OPENING: _opening(facts),
        Section.ATTENDANCE: _attendance(facts),
        Section.AGENDA: [item(one) for one in facts.agenda],
        Section.STANDING: _listed(facts.standing),
        Section.DISCUSSION: [_said(row) for row in facts.contributions],
        Section.ASSENT: _assent(facts),
        Section.CONCLUSIONS: [_concluded(n, row) for n, row in enumerate(facts.conclusions, 1)],
        Section.CLOSING: _closing(facts.conference),
    }
    there = titles_of(facts.conference)
    return {
        section.value: "\n".join(lines or [NOTHING]) for section, lines in written.items() if section in there
    }


# --- Section by section ---------------------------------------------------------------------------------
def _opening(facts: Facts) -> list[str]:
    row, host = facts.conference, facts.conference.programme.host.name_vi
    return [f"Hôm nay, vào hồi {moment(row.starts_at)}, tại {row.place}, {host} tổ chức {row.title}."]


def _attendance(facts: Facts) -> list[str]:
    row = facts.conference
    return [
        f"1. Chủ trì: {with_title(row.chair, facts.titles)}.",
        f"2. Thư ký: {with_title(row.secretary, facts.titles)}.",
        "3. Đại biểu khách mời:" if facts.guests else "3. Đại biểu khách mời: không có.",
        *_list(_person(guest) for guest in facts.guests),
        *(_who_came(facts) if facts.delegates else _who_was_asked(facts)),
    ]


def _who_came(facts: Facts) -> list[str]:
    delegates, absent = facts.delegates, facts.absent
    people = sum(len(some) for some in delegates.values())
    came = [one for one in facts.invited if one.agency_id in delegates]
    return [
        f"4. Các cơ quan, đơn vị: có mặt {len(delegates)}/{len(facts.invited)} cơ quan, đơn vị được mời,"
        f" với {people} đại biểu:",
        *_list(
            f"{one.agency.name_vi}: {'; '.join(_person(who) for who in delegates[one.agency_id])}"
            for one in came
        ),
        "5. Vắng mặt:" if absent else "5. Vắng mặt: không có.",
        *_list(f"{one.agency.name_vi}: {one.excuse or 'không báo lý do'}" for one in absent),
    ]


def _who_was_asked(facts: Facts) -> list[str]:
    """Before anybody was noted at the door nobody is called absent, but who said so."""
    excused = [one for one in facts.absent if one.excuse]
    return [
        f"4. Các cơ quan, đơn vị được mời: {len(facts.invited)}; chưa ghi điểm danh.",
        "5. Đã báo vắng mặt:" if excused else "5. Đã báo vắng mặt: không có.",
        *_list(f"{one.agency.name_vi}: {one.excuse}" for one in excused),
    ]


def _list(lines: Iterable[str]) -> list[str]:
    """Return the items of a list as papers write them: the last one ends the sentence."""
    *first, last = [f"- {line.rstrip('.;')}" for line in lines] or [""]
    return [*(f"{line};" for line in first), *([f"{last}."] if last else [])]


PART_WORDS = {
    "duties": "Nhiệm vụ quá hạn",
    "reports": "Báo cáo chưa gửi",
    "extensions": "Đề nghị gia hạn chưa quyết định",
    "urgings": "Đôn đốc chưa có trả lời",
    "plan": "Nội dung kế hoạch nhóm quá hạn",
}


def _listed(standing: Mapping[str, Any] | None) -> list[str]:
    """How much of each part. Of whom stands on the list, which viewers do not read as they do the minutes."""
    if standing is None:
        return []
    return [f"- {words}: {len(standing[part])}." for part, words in PART_WORDS.items()]


def _said(row: Contribution) -> str:
    who = f"{row.agency.name_vi} ({row.speaker})" if row.speaker else row.agency.name_vi
    kind = {"speech": "tham luận", "proposal": "kiến nghị"}.get(row.kind, "ý kiến")
    about = _about(row)
    return f"- {who}, {kind}{f' về {about}' if about else ''}: {' '.join(row.text.split())}"


def _about(row: Contribution) -> str:
    if row.clause:
        where = f"điều khoản {row.clause.number}, {SECTIONS[row.clause.section]}"
        return f"{where} ({row.clause.title})" if row.clause.title else where
    if row.task:
        return f"nhiệm vụ trọng tâm {row.task.number}"
    return f"giải pháp {row.solution.number}" if row.solution else ""


def _assent(facts: Facts) -> list[str]:
    total = len(facts.invited)
    counts = [
        f"{ASSENT_WORDS[assent]}: {len(facts.assented(assent))}/{total} cơ quan, đơn vị" for assent in Assent
    ]
    silent = len(facts.assented(""))
    if silent:
        counts.append(f"chưa có ý kiến: {silent}/{total} cơ quan, đơn vị")
    lines = [f"{'; '.join(counts)}.".capitalize()]
    lines += [
        f"- {row.agency.name_vi} {ASSENT_WORDS[assent]}: {' '.join(row.reservation.split())}"
        for assent in (Assent.MOSTLY, Assent.NONE)
        for row in facts.assented(assent)
    ]
    return lines


def _concluded(n: int, row: Conclusion) -> str:
    owner = f"cơ quan chủ trì: {row.owner.name_vi}" if row.owner else ""
    due = f"thời hạn: {day(row.due_on)}" if row.due_on else ""
    told = "; ".join(part for part in (owner, due) if part)
    text = " ".join(row.text.split())
    return f"{n}. {text.rstrip('.')} ({told})." if told else f"{n}. {text}"


def _closing(row: Conference) -> list[str]:
    ended = moment(row.ended_at) if row.ended_at else "… giờ … phút"
    what = "giao ban" if row.is_briefing else "hội nghị"
    return [
        f"{what.capitalize()} kết thúc vào hồi {ended}. Biên bản đã được thông qua tại {what} và lưu tại "
        "cơ quan chủ trì./."
    ]


def item(row: AgendaItem) -> str:
    """Return a line of the agenda."""
    at = f" ({clock(row.starts)})" if row.starts else ""
    who = f" – {row.presenter}" if row.presenter else ""
    return f"{row.order}. {row.title}{who}{at}."


# --- Words ------------------------------------------------------------------------------------------------
def moment(at: dt.datetime) -> str:
    """Return the local moment as papers write it: 8 giờ 00 phút, ngày 11 tháng 01 năm 2026."""
    local = at.astimezone(LOCAL)
    month = f"{local.month:02}" if local.month < 3 else str(local.month)
    return f"{clock(local.time())}, ngày {local.day:02} tháng {month} năm {local.year}"


def clock(time: dt.time) -> str:
    return f"{time.hour} giờ {time.minute:02} phút"


def with_title(user: User, titles: dict[int, str]) -> str:
    title = titles.get(user.pk, "")
    return f"{user.get_full_name()}, {title}" if title else user.get_full_name()


def _person(row: Attendance) -> str:
    parts: Iterable[str] = (row.name, row.position, row.organisation)
    told = ", ".join(part for part in parts if part)
    return f"{told} (thay {row.substitute_for})" if row.substitute_for else told
