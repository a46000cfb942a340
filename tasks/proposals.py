"""What agencies propose in section V of their reports: taken from there, answered, and told to them."""

import datetime as dt
import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.notices import outbox
from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, Group, Kind
from portal.users.models import User
from tasks import review_access
from tasks.models import Assignment, Programme, Proposal, Report
from tasks.states import PROPOSAL, SENT_REPORT, ProposalState

BULLET = re.compile(r"^\s*(?:[-–+*•]|\d+[.)]|[a-zđ][.)])\s*")
NOTHING = re.compile(r"^không( có)?\.?$", re.IGNORECASE)
"""“Không.” is what people write where there is nothing."""


def _path(proposal_id: int) -> str:
    return reverse("proposals:list") + f"#p{proposal_id}"


DECIDED = Kind(
    code="proposal.decided",
    text_vi="Bộ Chỉ huy đã trả lời kiến nghị: $title",
    text_en="The command has answered a proposal: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
KINDS = (DECIDED,)


def lines(text: str) -> list[str]:
    """Return the proposals of a section: one a line, without the marks before them."""
    found = (BULLET.sub("", line).strip() for line in text.splitlines())
    return [line for line in found if line and not NOTHING.match(line)]


@action
def gather(programme: Programme, *, by: User, at: dt.datetime) -> int:
    """Take what is new from the reports that were sent; return how many. What is taken stays as it was."""
    if not review_access.may_answer_proposals(by, programme):
        raise PermissionDenied
    Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    reports = Report.objects.filter(period__programme=programme, state__in=SENT_REPORT).exclude(proposals="")
    made = [row for report in reports.prefetch_related("proposal_rows") for row in _news(report)]
    Proposal.objects.bulk_create(made)
    if made:
        payload = {"year": programme.year, "count": len(made)}
        record(
            "proposals.gathered", programme, by=by, at=at, agency_code=programme.host.code, payload=payload
        )
    return len(made)


def _news(report: Report) -> list[Proposal]:
    known = {row.text for row in report.proposal_rows.all()}
    last = max((row.number for row in report.proposal_rows.all()), default=0)
    new = [line for line in dict.fromkeys(lines(report.proposals)) if line not in known]
    return [
        Proposal(report=report, agency_id=report.agency_id, number=number, text=text)
        for number, text in enumerate(new, last + 1)
    ]


@action
def decide(
    row: Proposal,
    *,
    by: User,
    at: dt.datetime,
    accepts: bool,
    answer: str,
    assignment: Assignment | None = None,
) -> None:
    """Accept a proposal, saying what it becomes, or refuse it with the reason; the agency is told."""
    programme = row.report.period.programme
    if not review_access.may_answer_proposals(by, programme):
        raise PermissionDenied
    if not answer.strip():
        raise RuleError(_("Say what it becomes, or why it is not accepted."))
    to = ProposalState.ACCEPTED if accepts else ProposalState.REFUSED
    facts: dict[str, Any] = {"answer": answer.strip(), "decided_by": by, "decided_at": at}
    move(row, to, PROPOSAL, assignment=assignment if accepts else None, **facts)
    title = row.text if len(row.text) <= 120 else f"{row.text[:119].rstrip()}…"
    about = outbox.About(row, row.agency_id, code="", title_vi=title, title_en=title)
    outbox.tell(DECIDED, about, by=by, at=at)
    payload = {"year": programme.year, "period": row.report.period.code, "accepted": accepts}
    record("proposal.decided", row, by=by, at=at, agency_code=row.agency.code, payload=payload)
