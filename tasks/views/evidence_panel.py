"""What an assignment's page shows of its evidence."""

from dataclasses import dataclass

from portal.users.models import User
from tasks import access, evidence
from tasks.forms import EvidenceForm
from tasks.models import Assignment, Evidence

ICONS = {
    "pdf": "file-earmark-pdf",
    "xlsx": "file-earmark-excel",
    "csv": "file-earmark-excel",
    "docx": "file-earmark-word",
    "txt": "file-earmark-text",
}


@dataclass(frozen=True)
class EvidenceLine:
    """One file, and what the reader may do with it."""

    evidence: Evidence
    may_withdraw: bool
    may_recall: bool

    @property
    def kind(self) -> str:
        return self.evidence.name.rpartition(".")[2].upper()

    @property
    def icon(self) -> str:
        if not self.evidence.has_content:
            return "slash-circle"
        return ICONS.get(self.kind.lower(), "paperclip")


@dataclass(frozen=True)
class EvidencePanel:
    """The files that the reader sees; `is_shown` also while there is none, to those who would see one."""

    is_shown: bool
    lines: list[EvidenceLine]
    form: EvidenceForm | None


def evidence_panel(user: User, assignment: Assignment, sent: EvidenceForm | None) -> EvidencePanel:
    """Put the panel together, with the form as it was sent and refused; one query."""
    is_open, may_add = evidence.is_open(assignment), access.may_add_evidence(user, assignment)
    may_recall = access.may_recall_evidence(user)
    lines = [
        EvidenceLine(
            row,
            may_withdraw=is_open and row.has_content and access.may_withdraw_evidence(user, row),
            may_recall=may_recall and row.recalled is None,
        )
        for row in access.visible_evidence(user).filter(assignment=assignment)
    ]
    form = sent or (EvidenceForm() if is_open and may_add else None)
    return EvidencePanel(access.may_see_evidence(user, assignment), lines, form)
