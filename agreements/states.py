"""What may follow what, for documents, requests of certificates and files to verify."""

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
