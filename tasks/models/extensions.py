"""Requests for more time (xin gia hạn): asked by the lead of an assignment, decided by the commander."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from portal.users.models import User
from tasks.deadlines import AskedWhen
from tasks.models.assignments import Assignment
from tasks.models.evidence import Evidence
from tasks.states import ExtensionState


class ExtensionRequest(models.Model):
    """One request, and what was decided. The deadlines are those of the day it was made.

    The deadline as signed never moves with an extension: what was granted stands beside it
    (Assignment.adjusted_on). Without `requested_by` the request was made on paper, before the portal.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="extension_requests"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("lead agency"), related_name="+")
    reason = models.TextField(_("reason"))
    signed_on = models.DateField(_("deadline as signed"))
    old_on = models.DateField(_("deadline until now"))
    due_on = models.DateField(_("binding day until now"))
    new_on = models.DateField(_("deadline asked for"))
    asked_when = models.CharField(_("asked"), max_length=10, choices=AskedWhen, default=AskedWhen.IN_TIME)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name=_("file"), related_name="extension_requests", null=True
    )
    requested_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("asked by"), related_name="+", null=True
    )
    requested_at = models.DateTimeField(_("asked at"))
    state = models.CharField(
        _("state"), max_length=10, choices=ExtensionState, default=ExtensionState.PENDING, editable=False
    )
    granted_on = models.DateField(_("deadline granted"), null=True, editable=False)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, editable=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decision_note = models.TextField(_("reason of the decision"), blank=True, editable=False)

    class Meta:
        verbose_name = _("request for extension")
        verbose_name_plural = _("requests for extension")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state=ExtensionState.PENDING),
                name="extension_one_open",
                violation_error_message=_("A request for this assignment waits for the decision already."),
            ),
            models.CheckConstraint(
                condition=Q(new_on__gt=F("old_on")),
                name="extension_asks_for_more",
                violation_error_message=_("The new deadline does not lie after the present one."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ExtensionState.APPROVED, granted_on__isnull=False, granted_on__gt=F("old_on")
                )
                | (~Q(state=ExtensionState.APPROVED) & Q(granted_on=None)),
                name="extension_granted_has_day",
            ),
            models.CheckConstraint(
                condition=Q(state=ExtensionState.PENDING, decided_at=None)
                | (~Q(state=ExtensionState.PENDING) & Q(decided_at__isnull=False)),
                name="extension_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExtensionState.REFUSED) | ~Q(decision_note=""),
                name="extension_refused_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.new_on:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("extensions:detail", args=[self.pk])

    @property
    def is_pending(self) -> bool:
        return self.state == ExtensionState.PENDING

    @property
    def has_lapsed(self) -> bool:
        return self.state == ExtensionState.LAPSED

    @property
    def granted_another_day(self) -> bool:
        """Whether more or less time was granted than was asked for."""
        return self.granted_on is not None and self.granted_on != self.new_on
