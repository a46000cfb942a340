"""Papers on file by which somebody signs who neither heads the agency nor deputises for its head."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.files.models import Recall, StoredFile
from portal.users.models import User
from tasks.models import Programme


class AuthorisationQuerySet(models.QuerySet["Authorisation"]):
    def usable_on(self, day: dt.date) -> "AuthorisationQuerySet":
        """Papers by which somebody may sign on a day: valid, not revoked, and still readable."""
        ends = Q(valid_until=None) | Q(valid_until__gte=day)
        return self.filter(ends, valid_from__lte=day, revoked_at=None, file__recall=None)

    def covering(self, programme_id: int) -> "AuthorisationQuerySet":
        """Papers that are not limited to another programme."""
        return self.filter(Q(programme=None) | Q(programme=programme_id))


class Authorisation(models.Model):
    """A dated paper: who may sign for an agency, in which capacity, what, and until when.

    Source: Decree 30/2020/NĐ-CP, art. 13. TUQ. is in writing and limited in time and content.
    """

    file_may_be_recalled = True  # nobody signs by it any more: agreements.authorisations.usable()

    class Capacity(models.TextChoices):
        """Values of Signature.Capacity that rest on a paper."""

        TUQ = "tuq", _("TUQ.: by written authorisation of the head")
        TL = "tl", _("TL.: by order of the head, set in the working rules")
        Q = "q", _("Q.: acting head, by decision of appointment")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    person = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="+")
    capacity = models.CharField(_("capacity"), max_length=6, choices=Capacity)
    title = models.CharField(_("title below the capacity"), max_length=120, blank=True)
    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name=_("programme"), related_name="+", null=True, blank=True
    )
    reference = models.CharField(_("number and symbol of the paper"), max_length=60)
    dated_on = models.DateField(_("date of the paper"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="+")
    file_name = models.CharField(_("file name"), max_length=160)
    recorded_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("recorded by"), related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("revoked by"), related_name="+", null=True, blank=True
    )
    revocation_reason = models.CharField(_("reason of revocation"), max_length=500, blank=True)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("authorisation to sign")
        verbose_name_plural = _("authorisations to sign")
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="authorisation_dates_in_order",
                violation_error_message=_("The authorisation ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(capacity="tuq") | Q(valid_until__isnull=False, programme__isnull=False),
                name="authorisation_tuq_is_limited",
                violation_error_message=_("TUQ. is limited: name the programme and the last day."),
            ),
            models.CheckConstraint(
                condition=Q(capacity="q") | ~Q(title=""),
                name="authorisation_names_title",
                violation_error_message=_("Give the person's own title, which stands below the capacity."),
            ),
            models.CheckConstraint(
                condition=~Q(person=F("recorded_by")),
                name="authorisation_not_by_oneself",
                violation_error_message=_("Nobody authorises themselves."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revocation_reason="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revocation_reason="")),
                name="authorisation_revoked_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person.get_full_name()}, {self.reference}"

    @property
    def recalled(self) -> Recall | None:
        return self.file.recalled
