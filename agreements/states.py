"""What may follow what: documents, certificates, files to verify, paper, consultations, conferences."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.lib.states import Transitions


class DocumentState(TextChoices):
    DRAFT = "draft", _("draft")
    FROZEN = "frozen", _("frozen")
    SIGNING = "signing", _("being signed")
    CLOSED = "closed", _("signing closed")
    ISSUED = "issued", _("issued")
    SUPERSEDED = "superseded", _("superseded")
    TERMINATED = "terminated", _("terminated")


_S = DocumentState
DOCUMENT: Transitions = {
    _S.DRAFT: frozenset({_S.FROZEN}),
    _S.FROZEN: frozenset({_S.SIGNING, _S.TERMINATED}),
    _S.SIGNING: frozenset({_S.CLOSED, _S.TERMINATED}),
    _S.CLOSED: frozenset({_S.ISSUED, _S.TERMINATED}),
    _S.ISSUED: frozenset({_S.SUPERSEDED, _S.TERMINATED}),
}

SHOWN_DOCUMENT = frozenset({_S.SIGNING, _S.CLOSED, _S.ISSUED, _S.SUPERSEDED, _S.TERMINATED})
"""Every party sees it; before that only the command does."""


class RequestState(TextChoices):
    REQUESTED = "requested", _("waiting for release")
    RELEASED = "released", _("released")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RootState(TextChoices):
    PROPOSED = "proposed", _("waiting for a command post")
    ENABLED = "enabled", _("trusted")
    DISABLED = "disabled", _("no longer trusted")
    REFUSED = "refused", _("refused")


_T = RootState
ROOT: Transitions = {
    _T.PROPOSED: frozenset({_T.ENABLED, _T.REFUSED}),
    _T.ENABLED: frozenset({_T.DISABLED}),
    _T.DISABLED: frozenset({_T.PROPOSED}),
    _T.REFUSED: frozenset({_T.PROPOSED}),
}

_R = RequestState
REQUEST: Transitions = {_R.REQUESTED: frozenset({_R.RELEASED, _R.REFUSED, _R.WITHDRAWN})}


class InspectionState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being examined")
    DONE = "done", _("examined")


_I = InspectionState
INSPECTION: Transitions = {
    _I.WAITING: frozenset({_I.RUNNING, _I.DONE}),  # done at once: its time was over
    _I.RUNNING: frozenset({_I.DONE}),
}


class EnrolmentState(TextChoices):
    """Of a certificate on a token."""

    REQUESTED = "requested", _("waiting for release")
    RELEASED = "released", _("released")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("no longer used")


_E = EnrolmentState
ENROLMENT: Transitions = {
    _E.REQUESTED: frozenset({_E.RELEASED, _E.REFUSED, _E.WITHDRAWN}),
    _E.RELEASED: frozenset({_E.ENDED}),
}


class PaperState(TextChoices):
    """Of a signature on paper."""

    WAITING = "waiting", _("waiting for a second person")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")


_P = PaperState
PAPER: Transitions = {_P.WAITING: frozenset({_P.CONFIRMED, _P.REFUSED})}


class ConsultationState(TextChoices):
    OPEN = "open", _("asking for comments")
    CLOSED = "closed", _("closed, table published")


CONSULTATION: Transitions = {ConsultationState.OPEN: frozenset({ConsultationState.CLOSED})}


class AnswerState(TextChoices):
    """Of what an agency answers; whether it agrees or has comments is its verdict."""

    DRAFT = "draft", _("not answered yet")
    AWAITING_HEAD = "awaiting_head", _("waiting for the head's approval")
    ANSWERED = "answered", _("answered")


_A = AnswerState
ANSWER: Transitions = {
    _A.DRAFT: frozenset({_A.AWAITING_HEAD, _A.ANSWERED}),
    _A.AWAITING_HEAD: frozenset({_A.ANSWERED, _A.DRAFT}),
    _A.ANSWERED: frozenset({_A.DRAFT}),
}


class ConferenceState(TextChoices):
    """Of a conference. That it was held is a day; what follows is the state of its minutes."""

    PREPARING = "preparing", _("being prepared")
    INVITED = "invited", _("invitations sent")
    FROZEN = "frozen", _("minutes waiting for signatures")
    SIGNED = "signed", _("minutes signed")
    CANCELLED = "cancelled", _("called off")


_C = ConferenceState
CONFERENCE: Transitions = {
    _C.PREPARING: frozenset({_C.INVITED, _C.CANCELLED}),
    _C.INVITED: frozenset({_C.FROZEN, _C.CANCELLED}),
    _C.FROZEN: frozenset({_C.SIGNED, _C.INVITED}),  # back while not both have signed
}

GOING_CONFERENCE = frozenset({_C.INVITED, _C.FROZEN, _C.SIGNED})
"""Whoever is invited is expected, or was there."""

SHOWN_CONFERENCE = GOING_CONFERENCE | {_C.CANCELLED}
"""Whoever is invited sees it once the invitations were sent; before that only the command does."""
