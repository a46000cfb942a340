"""What may follow what, as data. portal.lib.states.move() reads these tables."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.lib.states import Transitions


class ProgrammeState(TextChoices):
    DRAFT = "draft", _("draft")
    CONSULTING = "consulting", _("out for comment")
    SETTLED = "settled", _("text settled")
    FROZEN = "frozen", _("frozen for signing")
    IN_FORCE = "in_force", _("in force")
    CLOSED = "closed", _("closed")
    TERMINATED = "terminated", _("terminated")


PROGRAMME: Transitions = {
    ProgrammeState.DRAFT: frozenset({ProgrammeState.CONSULTING, ProgrammeState.SETTLED}),
    ProgrammeState.CONSULTING: frozenset({ProgrammeState.DRAFT, ProgrammeState.SETTLED}),
    ProgrammeState.SETTLED: frozenset({ProgrammeState.DRAFT, ProgrammeState.FROZEN}),
    ProgrammeState.FROZEN: frozenset(
        {ProgrammeState.SETTLED, ProgrammeState.IN_FORCE, ProgrammeState.TERMINATED}
    ),
    ProgrammeState.IN_FORCE: frozenset({ProgrammeState.CLOSED, ProgrammeState.TERMINATED}),
}

EDITABLE_PROGRAMME = frozenset({ProgrammeState.DRAFT, ProgrammeState.CONSULTING, ProgrammeState.SETTLED})
"""Until freezing the text may change; from then on it is what was signed."""

OPEN_PROGRAMME = frozenset(
    {ProgrammeState.FROZEN, ProgrammeState.IN_FORCE, ProgrammeState.CLOSED, ProgrammeState.TERMINATED}
)
"""Its text is shown to every party."""

ENDED_PROGRAMME = frozenset({ProgrammeState.CLOSED, ProgrammeState.TERMINATED})
"""Nothing of it changes any more."""


class AssignmentStatus(TextChoices):
    """Workflow of an assignment; how it stands against its deadline is derived (tasks.deadlines)."""

    DRAFT = "draft", _("draft")
    ASSIGNED = "assigned", _("assigned")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned: wrong agency")
    IN_PROGRESS = "in_progress", _("in progress")
    AWAITING_HEAD = "awaiting_head", _("waiting for the head's approval")
    SUBMITTED = "submitted", _("reported complete, waiting for confirmation")
    CONFIRMED = "confirmed", _("confirmed complete")
    REJECTED = "rejected", _("not accepted, to be redone")
    SUSPENDED = "suspended", _("suspended")
    CANCELLED = "cancelled", _("cancelled")
    CARRIED_OVER = "carried_over", _("carried over to next year")


_S = AssignmentStatus
ASSIGNMENT: Transitions = {
    _S.DRAFT: frozenset({_S.ASSIGNED, _S.CANCELLED}),
    _S.ASSIGNED: frozenset({_S.ACCEPTED, _S.RETURNED, _S.SUSPENDED, _S.CANCELLED, _S.CARRIED_OVER}),
    _S.RETURNED: frozenset({_S.ASSIGNED, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.IN_PROGRESS, _S.AWAITING_HEAD, _S.SUSPENDED, _S.CANCELLED, _S.CARRIED_OVER}),
    _S.IN_PROGRESS: frozenset({_S.AWAITING_HEAD, _S.SUSPENDED, _S.CANCELLED, _S.CARRIED_OVER}),
    _S.AWAITING_HEAD: frozenset({_S.SUBMITTED, _S.IN_PROGRESS, _S.CARRIED_OVER}),
    _S.SUBMITTED: frozenset({_S.CONFIRMED, _S.REJECTED}),
    _S.REJECTED: frozenset({_S.IN_PROGRESS, _S.AWAITING_HEAD, _S.CARRIED_OVER}),
    _S.SUSPENDED: frozenset({_S.IN_PROGRESS, _S.CANCELLED, _S.CARRIED_OVER}),
}

OPEN_ASSIGNMENT = frozenset({_S.ASSIGNED, _S.ACCEPTED, _S.IN_PROGRESS, _S.AWAITING_HEAD, _S.REJECTED})
"""The lead still owes a result: the clock runs and reminders are sent."""

WORKING_ASSIGNMENT = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.REJECTED})
"""The lead is at work: progress is reported, and the result may be sent."""

DIVIDED_ASSIGNMENT = WORKING_ASSIGNMENT | {_S.ASSIGNED}
"""How it is measured, and how its target is divided, may still change."""

UNREPORTED_ASSIGNMENT = frozenset({_S.DRAFT, _S.ASSIGNED, _S.ACCEPTED, _S.RETURNED})
"""Nothing was reported yet: the figure in its column is no figure."""

ENDED_ASSIGNMENT = frozenset({_S.CONFIRMED, _S.CANCELLED, _S.CARRIED_OVER})
"""It stays with the agency that did it, whatever becomes of that agency."""

DONE_ASSIGNMENT = frozenset({_S.SUBMITTED, _S.CONFIRMED})
"""The lead has sent a result; the day it was sent decides on time or late."""

COUNTED_ASSIGNMENT = OPEN_ASSIGNMENT | DONE_ASSIGNMENT | {_S.CARRIED_OVER}
"""Held against its deadline. What was carried over stays unfinished in the year that it left."""

UNFINISHED_ASSIGNMENT = OPEN_ASSIGNMENT | {_S.RETURNED, _S.SUSPENDED}
"""At the end of the year somebody says what becomes of it."""

CARRIED_BACK: Transitions = {
    _S.CARRIED_OVER: frozenset(status for status, targets in ASSIGNMENT.items() if _S.CARRIED_OVER in targets)
}
"""Carrying over that is taken back: the duty is again what it was. No other step leads out of it."""

ENTERED_RESULT: Transitions = dict.fromkeys(WORKING_ASSIGNMENT, frozenset({_S.SUBMITTED}))
"""A result that was entered from a paper which the head signed."""


class EvidenceState(TextChoices):
    """Of a file of evidence. That its bytes were recalled is a fact of the stored file (portal.files)."""

    CURRENT = "current", _("in use")
    WITHDRAWN = "withdrawn", _("withdrawn by its agency")


EVIDENCE: Transitions = {EvidenceState.CURRENT: frozenset({EvidenceState.WITHDRAWN})}


class ExtensionState(TextChoices):
    """Of a request for more time. It lapses when the assignment or its deadline is no longer what it was."""

    PENDING = "pending", _("waiting for the decision")
    APPROVED = "approved", _("granted")
    REFUSED = "refused", _("not granted")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LAPSED = "lapsed", _("lapsed")


_E = ExtensionState
EXTENSION: Transitions = {_E.PENDING: frozenset({_E.APPROVED, _E.REFUSED, _E.WITHDRAWN, _E.LAPSED})}

EXTENDABLE_ASSIGNMENT = OPEN_ASSIGNMENT | {_S.SUBMITTED}
"""More time is granted until the result is confirmed: a slow decision punishes nobody."""


class ReportState(TextChoices):
    """Workflow of a periodic report; on time or late is derived (tasks.deadlines)."""

    DRAFT = "draft", _("being written")
    AWAITING_HEAD = "awaiting_head", _("waiting for the head's approval")
    SUBMITTED = "submitted", _("sent, waiting to be accepted")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned to be amended")


_R = ReportState
REPORT: Transitions = {
    _R.DRAFT: frozenset({_R.AWAITING_HEAD}),
    _R.AWAITING_HEAD: frozenset({_R.SUBMITTED, _R.DRAFT, _R.RETURNED}),
    _R.SUBMITTED: frozenset({_R.ACCEPTED, _R.RETURNED}),
    _R.ACCEPTED: frozenset({_R.RETURNED}),
    _R.RETURNED: frozenset({_R.AWAITING_HEAD}),
}

ENTERED_REPORT: Transitions = {state: frozenset({_R.SUBMITTED}) for state in (_R.DRAFT, _R.RETURNED)}
"""Entered from a paper that the head signed: nobody in the agency approves it once more."""
EDITABLE_REPORT = frozenset({_R.DRAFT, _R.RETURNED})
"""The agency writes in it."""

SENT_REPORT = frozenset({_R.SUBMITTED, _R.ACCEPTED})
"""The command has it; otherwise the agency still owes it."""


class DistributionState(TextChoices):
    """Of the shares of a target. A draft need not add up to the target; what is settled does."""

    DRAFT = "draft", _("draft")
    SETTLED = "settled", _("settled")


_D = DistributionState
DISTRIBUTION: Transitions = {
    _D.DRAFT: frozenset({_D.SETTLED}),
    _D.SETTLED: frozenset({_D.DRAFT}),
}


class ConsolidationState(TextChoices):
    """Of the consolidated report of a period. Its number and date come after freezing and are no state."""

    DRAFT = "draft", _("draft")
    FROZEN = "frozen", _("frozen")


CONSOLIDATION: Transitions = {ConsolidationState.DRAFT: frozenset({ConsolidationState.FROZEN})}


class ReviewState(TextChoices):
    """Of the review of a half-year or a year. Frozen it waits for the commander, who may give it back."""

    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("frozen, waiting for the commander")
    APPROVED = "approved", _("approved")


REVIEW: Transitions = {
    ReviewState.DRAFT: frozenset({ReviewState.PROPOSED}),
    ReviewState.PROPOSED: frozenset({ReviewState.DRAFT, ReviewState.APPROVED}),
}


class UrgingLetterState(TextChoices):
    """Of a letter of urging. With its number it is issued: the agency sees it, and it counts as urging."""

    DRAFT = "draft", _("waiting for its number")
    ISSUED = "issued", _("issued")
    DISCARDED = "discarded", _("discarded")


_L = UrgingLetterState
URGING_LETTER: Transitions = {_L.DRAFT: frozenset({_L.ISSUED, _L.DISCARDED})}


class PlanState(TextChoices):
    """Of a change of agencies that is being prepared. What was carried out stands in the register."""

    DRAFT = "draft", _("being prepared")
    PROPOSED = "proposed", _("waiting for confirmation")
    CONFIRMED = "confirmed", _("confirmed, waiting for its day")
    CARRIED_OUT = "carried_out", _("carried out")
    DISCARDED = "discarded", _("discarded")


_C = PlanState
CHANGE_PLAN: Transitions = {
    _C.DRAFT: frozenset({_C.PROPOSED, _C.DISCARDED}),
    _C.PROPOSED: frozenset({_C.DRAFT, _C.CONFIRMED}),
    _C.CONFIRMED: frozenset({_C.DRAFT, _C.CARRIED_OUT}),
}

PENDING_PLAN = frozenset({_C.DRAFT, _C.PROPOSED, _C.CONFIRMED})
"""Nothing has moved yet."""

DECIDED_PLAN = frozenset({_C.CONFIRMED, _C.CARRIED_OUT})
"""Two people stand behind it."""


class RatingState(TextChoices):
    """Of the rating of a year. In review every agency reads its points and may ask to look again."""

    DRAFT = "draft", _("criteria being prepared")
    SCORING = "scoring", _("agencies score, points are verified")
    REVIEW = "review", _("points told, re-examination")
    PROPOSED = "proposed", _("waiting for the commander's approval")
    APPROVED = "approved", _("approved")


_T = RatingState
RATING: Transitions = {
    _T.DRAFT: frozenset({_T.SCORING}),
    _T.SCORING: frozenset({_T.REVIEW}),
    _T.REVIEW: frozenset({_T.PROPOSED}),
    _T.PROPOSED: frozenset({_T.REVIEW, _T.APPROVED}),
}

TOLD_RATING = frozenset({_T.REVIEW, _T.PROPOSED, _T.APPROVED})
"""Each agency reads its verified points."""

RATED_PROGRAMME = frozenset({ProgrammeState.IN_FORCE, ProgrammeState.CLOSED})
"""Its agencies are rated: at the end of its year, or when it has just been closed."""


class SheetState(TextChoices):
    """Of one agency's sheet in a rating. The officer verifies a silent agency's too, after the day."""

    DRAFT = "draft", _("self-score being written")
    AWAITING_HEAD = "awaiting_head", _("waiting for the head's approval")
    SENT = "sent", _("sent, to be verified")
    VERIFIED = "verified", _("verified")


_H = SheetState
SHEET: Transitions = {
    _H.DRAFT: frozenset({_H.AWAITING_HEAD, _H.VERIFIED}),
    _H.AWAITING_HEAD: frozenset({_H.DRAFT, _H.SENT, _H.VERIFIED}),
    _H.SENT: frozenset({_H.VERIFIED}),
}

OWED_SHEET = frozenset({_H.DRAFT, _H.AWAITING_HEAD})
"""The agency has not sent its self-score."""


class ReexaminationState(TextChoices):
    """Of a request to look at a point again (phúc tra)."""

    ASKED = "asked", _("waiting for the answer")
    ANSWERED = "answered", _("answered")


REEXAMINATION: Transitions = {ReexaminationState.ASKED: frozenset({ReexaminationState.ANSWERED})}


class ShortcomingState(TextChoices):
    """Of a shortcoming in the ledger: a later year may find that it is there again."""

    OPEN = "open", _("not overcome yet")
    GONE = "gone", _("overcome")


SHORTCOMING: Transitions = {
    ShortcomingState.OPEN: frozenset({ShortcomingState.GONE}),
    ShortcomingState.GONE: frozenset({ShortcomingState.OPEN}),
}


class ProposalState(TextChoices):
    """Of what an agency proposed in its report."""

    OPEN = "open", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("not accepted")


PROPOSAL: Transitions = {
    ProposalState.OPEN: frozenset({ProposalState.ACCEPTED, ProposalState.REFUSED}),
}


class ImportState(TextChoices):
    """Of a sheet of assignments that an officer sent to be added to a draft."""

    WAITING = "waiting", _("waiting to be added")
    LOADED = "loaded", _("added to the draft")
    DISCARDED = "discarded", _("discarded")


_I = ImportState
IMPORT: Transitions = {_I.WAITING: frozenset({_I.LOADED, _I.DISCARDED})}


class CooperationState(TextChoices):
    """Of what a coordinating agency owes the lead of an assignment."""

    ASKED = "asked", _("not delivered yet")
    AWAITING_HEAD = "awaiting_head", _("waiting for the head's approval")
    DELIVERED = "delivered", _("has cooperated")
    NOTHING = "nothing", _("nothing to contribute")


_O = CooperationState
COOPERATION: Transitions = {
    _O.ASKED: frozenset({_O.AWAITING_HEAD}),
    _O.AWAITING_HEAD: frozenset({_O.ASKED, _O.DELIVERED, _O.NOTHING}),
    _O.DELIVERED: frozenset({_O.ASKED}),
    _O.NOTHING: frozenset({_O.ASKED}),
}

DELIVERED_COOPERATION = frozenset({_O.DELIVERED, _O.NOTHING})
"""The lead has it; it may be rated, or asked for again."""


class SchemeState(TextChoices):
    """Of a scheme of several years."""

    RUNNING = "running", _("being carried out")
    ENDED = "ended", _("ended")


SCHEME: Transitions = {SchemeState.RUNNING: frozenset({SchemeState.ENDED})}


class MilestoneState(TextChoices):
    """Of a milestone of a scheme; late or in time is told by its days."""

    OPEN = "open", _("not reached yet")
    REPORTED = "reported", _("reported, waiting for confirmation")
    REACHED = "reached", _("reached")
    DROPPED = "dropped", _("dropped")


_M = MilestoneState
MILESTONE: Transitions = {
    _M.OPEN: frozenset({_M.REPORTED, _M.DROPPED}),
    _M.REPORTED: frozenset({_M.REACHED, _M.OPEN, _M.DROPPED}),
}
PENDING_MILESTONE = frozenset({_M.OPEN, _M.REPORTED})
"""Nobody has confirmed yet that it was reached."""


class YearPaperState(TextChoices):
    """Of a row in the register of papers of the year."""

    ENTERED = "entered", _("in the register")
    STRUCK = "struck", _("struck out")


YEAR_PAPER: Transitions = {YearPaperState.ENTERED: frozenset({YearPaperState.STRUCK})}


class PlanItemState(TextChoices):
    """Of an item of a standing group's plan."""

    PLANNED = "planned", _("not begun")
    GOING = "going", _("going on")
    DONE = "done", _("done")
    DROPPED = "dropped", _("given up")


_Q = PlanItemState
PLAN_ITEM: Transitions = {
    _Q.PLANNED: frozenset({_Q.GOING, _Q.DONE, _Q.DROPPED}),
    _Q.GOING: frozenset({_Q.DONE, _Q.DROPPED}),
}
OPEN_PLAN_ITEM = frozenset({_Q.PLANNED, _Q.GOING})
"""Still to be done by its day."""
