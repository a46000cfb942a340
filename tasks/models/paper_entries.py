"""Entries from paper (nhập từ bản giấy): what an agency sent on paper and the command entered for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.files.models import Recall, StoredFile
from portal.users.models import User
from tasks.models.cited_papers import CitedPaper


class PaperEntry(CitedPaper):
    """One signed paper of an agency, with its scan, and who entered what it says. Written once.

    Steps of reports and entries of logs that were made from it refer to it.
    """

    file_may_be_recalled = True  # see portal.files.references

    agency = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("agency"), related_name="+", help_text=_("Whose paper it is.")
    )
    signer_name = models.CharField(_("who signed"), max_length=160)
    signer_title = models.CharField(_("their post"), max_length=200)
    received_on = models.DateField(_("received on"))
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+")
    name = models.CharField(_("file name"), max_length=160)
    entered_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("entered by"), related_name="+")
    entered_at = models.DateTimeField(_("entered at"))
    declaration = models.CharField(_("declaration"), max_length=10, help_text=_("Version of the wording."))

    class Meta:
        verbose_name = _("entry from paper")
        verbose_name_plural = _("entries from paper")
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__lte=F("received_on")),
                name="paper_entry_issued_before_received",
                violation_error_message=_("The paper was received before it was issued."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.issued_on:%d/%m/%Y}"

    @property
    def recalled(self) -> Recall | None:
        return self.file.recalled
