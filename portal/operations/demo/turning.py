"""The turn of the year in the demonstration: what was carried over, the ledger, and what was proposed."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import CARRIED_OVER
from tasks import proposals
from tasks.models import (
    Assignment,
    Programme,
    Proposal,
    Report,
    Shortcoming,
    ShortcomingReview,
    YearEndDecision,
)
from tasks.states import SENT_REPORT, ProposalState

CAUSES = (
    "Đầu mối kiêm nhiệm, biểu mẫu chưa thống nhất giữa các kỳ.",
    "Chưa có kênh trao đổi chung; phụ thuộc văn bản giấy.",
    "Bản phân công chưa ghi cơ quan chủ trì và thời hạn cho từng nội dung.",
    "Luân chuyển cán bộ, chưa bàn giao hồ sơ theo dõi.",
    "Doanh nghiệp chưa thấy quyền lợi; quy định hỗ trợ chưa cụ thể.",
    "Hồ sơ đất đai qua nhiều thời kỳ, thiếu bản đồ gốc.",
)
SOLUTIONS = (6, 3, 8, 8, 4, 4)
"""By which solution of the next programme each is answered, in the order of the file."""

EVIDENCE = "Bảng phân công ghi đủ cơ quan chủ trì, cơ quan phối hợp và thời hạn cho từng nhiệm vụ."
REMAINS = "Đã giảm, song vẫn còn đơn vị thực hiện chậm; tiếp tục theo dõi trong năm."
OVERCOME = (2,)  # places in the file
WHY = "Nội dung nhiều năm, chuyển tiếp sang năm sau."


def write(
    finished: Programme, running: Programme, source: Mapping[str, Any], cast: Cast, *, until: dt.datetime
) -> None:
    """Write what the end of last year left: decisions on what was unfinished, and its ledger."""
    _carry(finished, running, cast, until)
    solutions = {row.number: row for row in running.solutions.all()}
    for place, row in enumerate(source["shortcomings_2022"]):
        made = Shortcoming.objects.create(
            programme=finished,
            text=row["title_vi"],
            cause=CAUSES[place % len(CAUSES)],
            source="Hội nghị tổng kết",
            state="gone" if place in OVERCOME else "open",
            noted_by=cast.officer,
            noted_at=until,
        )
        solution = solutions.get(SOLUTIONS[place % len(SOLUTIONS)])
        if solution:
            made.solutions.add(solution)
        _review(made, finished, cast, until, is_gone=place in OVERCOME)
    _propose(finished, running, cast, until)


def _carry(finished: Programme, running: Programme, cast: Cast, until: dt.datetime) -> None:
    for code in CARRIED_OVER:
        old, new = finished.assignments.get(code=code), running.assignments.get(code=code)
        Assignment.objects.filter(pk=new.pk).update(copied_from=old)
        YearEndDecision.objects.create(
            assignment=old,
            choice=YearEndDecision.Choice.CARRIED,
            status_before="in_progress",
            reason=WHY,
            carried_to=new,
            by=cast.officer,
            at=until,
        )


def _review(row: Shortcoming, programme: Programme, cast: Cast, at: dt.datetime, *, is_gone: bool) -> None:
    verdict = ShortcomingReview.Verdict
    ShortcomingReview.objects.create(
        shortcoming=row,
        programme=programme,
        verdict=verdict.GONE if is_gone else verdict.REMAINS,
        words=EVIDENCE if is_gone else REMAINS,
        by=cast.officer,
        at=at,
    )


ANSWERS = (
    (ProposalState.ACCEPTED, "Đồng ý; đưa vào phân công của chương trình năm sau."),
    (ProposalState.ACCEPTED, "Tiếp thu; giao cơ quan chủ trì bổ sung vào kế hoạch quý I."),
    (ProposalState.REFUSED, "Chưa bố trí được kinh phí trong năm; xem xét lại khi lập dự toán."),
)
ANSWERED, WAITING, OF_ONE_MIND = 9, 4, 3


def _propose(finished: Programme, running: Programme, cast: Cast, until: dt.datetime) -> None:
    """Answer what was proposed last year; what this year's reports propose waits."""
    led = running.assignments.order_by("code")
    for place, row in enumerate(islice(_proposed(finished), ANSWERED)):
        state, answer = ANSWERS[place % len(ANSWERS)]
        Proposal.objects.create(
            report=row.report,
            agency=row.agency,
            number=row.number,
            text=row.text,
            state=state,
            answer=answer,
            assignment=led.filter(lead=row.agency).first() if place == 0 else None,
            decided_by=cast.officer,
            decided_at=until,
        )
    for row in islice(_proposed(running), WAITING):
        row.save()


def _proposed(programme: Programme) -> list[Proposal]:
    """One proposal of each agency that made one, in its newest report; what many propose, of three."""
    sent = Report.objects.filter(period__programme=programme, state__in=SENT_REPORT).exclude(proposals="")
    found: list[Proposal] = []
    agencies: set[int] = set()
    said: Counter[str] = Counter()
    for report in sent.select_related("agency").order_by("-period__due_on", "agency__protocol_order"):
        texts = [text for text in proposals.lines(report.proposals) if said[text] < OF_ONE_MIND]
        if texts and report.agency_id not in agencies:
            agencies.add(report.agency_id)
            said[texts[0]] += 1
            found.append(Proposal(report=report, agency=report.agency, number=1, text=texts[0]))
    return found
