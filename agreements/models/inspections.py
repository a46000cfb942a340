"""Files that visitors sent to be verified. The file is gone after its report, the report after a day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models.documents import Revision
from agreements.states import InspectionState


class Inspection(models.Model):
    """One file in the queue, or what was found of it. Whoever has the token sees it, nobody else."""

    token = models.CharField(_("token"), max_length=43, unique=True)
    address = models.CharField(_("keyed hash of the sender's address"), max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=InspectionState, default=InspectionState.WAITING, editable=False
    )
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("size in bytes"))
    begins_with = models.ForeignKey(
        Revision,
        models.PROTECT,
        verbose_name=_("paper of this portal that it begins as"),
        related_name="+",
        null=True,
        blank=True,
    )
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    found = models.TextField(_("what was found, as JSON"), blank=True)

    class Meta:
        verbose_name = _("file to verify")
        verbose_name_plural = _("files to verify")
        ordering = ["pk"]
        constraints = [
            # The whole portal examines one file at a time, whatever the number of workers.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=InspectionState.RUNNING), name="inspection_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state=InspectionState.DONE) | Q(finished_at__isnull=False),
                name="inspection_done_has_time",
            ),
        ]
        indexes = [models.Index(fields=["address", "asked_at"], name="inspection_by_address")]

    def __str__(self) -> str:
        return self.sha256[:16]
