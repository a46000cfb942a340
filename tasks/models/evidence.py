"""Evidence (tài liệu minh chứng): files that an agency adds to an assignment. Never overwritten."""

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.files.models import Recall, StoredFile
from portal.users.models import User
from tasks.models.assignments import Assignment
from tasks.states import EvidenceState

DECLARATION = "2026-1"
"""The wording in use. A new wording is a new version; what people declared before keeps its own."""

DECLARATIONS: dict[str, str | Promise] = {
    "2026-1": _("I declare that this document contains no state secret."),
}


class Evidence(models.Model):
    """One file of one agency, with the declaration of whoever uploaded it."""

    file_may_be_recalled = True  # see portal.files.references

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="evidence"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+")
    name = models.CharField(_("file name"), max_length=160)
    title = models.CharField(_("what it shows"), max_length=200)
    uploaded_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("uploaded by"), related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"))
    declaration = models.CharField(_("declaration"), max_length=10, help_text=_("Version of the wording."))
    state = models.CharField(
        _("state"), max_length=10, choices=EvidenceState, default=EvidenceState.CURRENT, editable=False
    )
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("withdrawn by"), related_name="+", null=True, editable=False
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    withdrawal_reason = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        verbose_name = _("file of evidence")
        verbose_name_plural = _("files of evidence")
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["assignment", "-uploaded_at"], name="evidence_of_assignment")]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "agency", "file"],
                condition=Q(state=EvidenceState.CURRENT),
                name="evidence_once",
                violation_error_message=_("Your agency has added this very file already."),
            ),
            models.CheckConstraint(
                condition=Q(state=EvidenceState.CURRENT) | Q(withdrawn_at__isnull=False),
                name="evidence_withdrawn_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def recalled(self) -> Recall | None:
        return self.file.recalled

    @property
    def is_withdrawn(self) -> bool:
        return self.state == EvidenceState.WITHDRAWN

    @property
    def has_content(self) -> bool:
        """Whether it can be downloaded by those who see it."""
        return not self.is_withdrawn and self.recalled is None
