"""The pictures that stand in a signature: a person's handwriting, an agency's seal."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.files.models import Recall, StoredFile
from portal.users.models import User


class MarkPicture(models.Model):
    """A picture that was given for signatures to come, until it is replaced or withdrawn.

    Source: Decree 30/2020/NĐ-CP, Appendix I, II.7d and 8a. `agency` is the person's when it was given.
    """

    file_may_be_recalled = True  # what was signed with it holds it itself

    class Kind(models.TextChoices):
        SIGNATURE = "signature", _("handwritten signature")
        SEAL = "seal", _("seal of the agency")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    person = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("whose handwriting"), related_name="+", null=True, blank=True
    )
    width_mm = models.PositiveSmallIntegerField(_("real width of the seal (mm)"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("picture"), related_name="+")
    provided_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("given by"), related_name="+")
    provided_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("no longer used since"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("withdrawn by"), related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("picture of a signature or seal")
        verbose_name_plural = _("pictures of signatures and seals")
        ordering = ["-provided_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="signature", person=models.F("provided_by"), width_mm=None)
                | Q(kind="seal", person=None, width_mm__gte=20, width_mm__lte=50),
                name="mark_belongs_to_person_or_agency",
                violation_error_message=_("A seal is 20 to 50 mm wide."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="mark_withdrawn_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_at=None), name="mark_one_signature_a_person"
            ),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(kind="seal", withdrawn_at=None), name="mark_one_seal_an_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.person or self.agency}"

    @property
    def recalled(self) -> Recall | None:
        return self.file.recalled
