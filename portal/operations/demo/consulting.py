"""The demonstration's consultations: a draft sent out before the conference, answered, and published.

The rows are written together and not step by step, as the history of assignments is. The version that was
sent differs from the text that was signed by what the comments asked for.
"""

import copy
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agreements import consultations, drafts
from agreements.drafts import DraftContent
from agreements.models import Consultation, ConsultationAnswer, ConsultationComment, DraftVersion
from agreements.states import AnswerState, ConsultationState
from portal.audit.events import canonical
from portal.operations.demo.people import Cast
from portal.operations.demo.rounds import moment
from tasks.models import Programme

OPENED, LAST, CLOSED = 24, 12, 8
"""Days before the conference."""

SILENT = frozenset({"NHNN"})
LATE = frozenset({"CTK"})
TAIL = "; không chứa nội dung thuộc bí mật nhà nước"
CLAUSE = "clause.purpose.2"
LATER, JOINED = "2.13", "1.06"
"""Duties about which their agencies had something to say."""

Decision = ConsultationComment.Decision


@dataclass(frozen=True)
class Said:
    """A comment of an agency, with what became of it."""

    agency: str
    place: str
    proposal: str
    reason: str
    decision: str
    response: str = ""

    @property
    def changed_place(self) -> str:
        return self.place if self.decision != Decision.EXPLAINED else ""


def write(*programmes: Programme, cast: Cast) -> None:
    """Write the consultations of programmes whose texts are about to be settled."""
    for programme in programmes:
        _write(programme, cast)


def _write(programme: Programme, cast: Cast) -> None:
    now = drafts.snapshot(programme)
    sent, said = _as_sent(now)
    day = programme.conference_on or dt.date(programme.year, 1, 11)
    times = {name: moment(day - dt.timedelta(days=days), 9) for name, days in _DAYS.items()}
    labels = {1: "Bản lấy ý kiến", 2: consultations.OUTCOME_LABEL}
    first, outcome = (
        DraftVersion.objects.create(
            programme=programme,
            number=number,
            label=labels[number],
            content=canonical(text),
            sha256=hashlib.sha256(canonical(text).encode()).hexdigest(),
            taken_by=cast.officer,
            taken_at=at,
        )
        for number, text, at in ((1, sent, times["opened"]), (2, now, times["closed"]))
    )
    consultation = Consultation.objects.create(
        programme=programme,
        round=1,
        version=first,
        outcome=outcome,
        closes_on=times["last"].date(),
        note="Đề nghị các cơ quan, đơn vị nghiên cứu, cho ý kiến bằng văn bản điện tử trên hệ thống.",
        state=ConsultationState.CLOSED,
        opened_by=cast.officer,
        opened_at=times["opened"],
        closed_by=cast.officer,
        closed_at=times["closed"],
    )
    answers = _answers(consultation, cast, {one.agency for one in said}, times["last"])
    ConsultationComment.objects.bulk_create(
        _comments(said, answers, cast, times["closed"] - dt.timedelta(hours=20))
    )


_DAYS = {"opened": OPENED, "last": LAST, "closed": CLOSED}


def _as_sent(now: DraftContent) -> tuple[DraftContent, list[Said]]:
    """Return the text before the comments, and the comments that made it what it is."""
    sent = copy.deepcopy(now)
    rows: Mapping[str, Any] = drafts.places(sent)
    said = [
        Said(
            "UBMTTQ",
            drafts.WHOLE,
            "Đề nghị tách nội dung tuyên truyền thành một chương trình riêng.",
            "Khối lượng lớn, nhiều tổ chức thành viên tham gia.",
            Decision.EXPLAINED,
            "Chương trình phối hợp giữ một văn bản chung; Mặt trận Tổ quốc có kế hoạch tuyên truyền riêng.",
        )
    ]
    if TAIL in rows.get(CLAUSE, {}).get("text", ""):
        rows[CLAUSE]["text"] = rows[CLAUSE]["text"].replace(TAIL, "")
        why = "Chương trình được trao đổi trên mạng."
        what = "Bổ sung yêu cầu không đưa nội dung thuộc bí mật nhà nước vào Chương trình."
        said.append(Said("CAT", CLAUSE, what, why, Decision.ACCEPTED))
    if (duty := rows.get(f"assignment.{LATER}")) is not None:
        asked = dt.date.fromisoformat(duty["deadline_on"])
        duty["deadline_on"] = (asked - dt.timedelta(days=45)).isoformat()
        what = f"Đề nghị lùi thời hạn hoàn thành đến ngày {asked + dt.timedelta(days=15):%d/%m/%Y}."
        why, answer = "Cần thời gian lấy ý kiến cấp huyện.", f"Lùi đến ngày {asked:%d/%m/%Y} để kịp tổng hợp."
        said.append(Said(duty["lead"], f"assignment.{LATER}", what, why, Decision.PARTLY, answer))
    if (duty := rows.get(f"assignment.{JOINED}")) and duty["coordinating"]:
        joined = duty["coordinating"].pop()["code"]
        what, why = "Bổ sung cơ quan vào danh sách phối hợp.", "Có nhiệm vụ liên quan trực tiếp."
        said.append(Said(joined, f"assignment.{JOINED}", what, why, Decision.ACCEPTED))
    return sent, said


def _answers(
    consultation: Consultation, cast: Cast, spoke: set[str], last: dt.datetime
) -> dict[str, ConsultationAnswer]:
    verdicts = ConsultationAnswer.Verdict
    parties = consultation.programme.signatories.exclude(agency=consultation.programme.host_id)
    rows = {}
    for place, party in enumerate(parties.select_related("agency").order_by("order")):
        code = party.agency.code
        answer: dict[str, Any] = {}
        if code not in SILENT:
            answer = {
                "state": AnswerState.ANSWERED,
                "verdict": verdicts.COMMENTED if code in spoke else verdicts.AGREED,
                "answered_by": cast.heads[code],
                "prepared_by": cast.focal_points[code],
                "is_late": code in LATE,
                "answered_at": _answered_at(last, place, is_late=code in LATE),
            }
        rows[code] = ConsultationAnswer(consultation=consultation, agency=party.agency, **answer)
    ConsultationAnswer.objects.bulk_create(rows.values())
    return rows


def _answered_at(last: dt.datetime, place: int, *, is_late: bool) -> dt.datetime:
    """Return a moment in office hours of one of the days before the last, or two days after it."""
    day = last + dt.timedelta(days=2 if is_late else -1 - place % 8)
    return day + dt.timedelta(minutes=47 * (place % 9))


def _comments(
    said: list[Said], answers: Mapping[str, ConsultationAnswer], cast: Cast, at: dt.datetime
) -> Iterator[ConsultationComment]:
    for one in said:
        if one.agency in answers:
            yield ConsultationComment(
                answer=answers[one.agency],
                place=one.place,
                proposal=one.proposal,
                reason=one.reason,
                decision=one.decision,
                response=one.response,
                changed_place=one.changed_place,
                responded_by=cast.officer,
                responded_at=at,
                revision=2,
            )
