"""Changes of agencies that are being prepared, and what each moved when it was carried out.

The register of agencies (portal.agencies) holds what is a fact; a plan becomes a row there on its day.
"""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency, AgencyChange
from portal.lib.text import in_reader_language
from portal.users.models import Membership, Role, User
from tasks.models.assignments import Assignment
from tasks.models.programmes import Programme
from tasks.states import PENDING_PLAN, PlanState


class ChangePlan(models.Model):
    """A merger, split, renaming … as it shall be carried out on a day, by two people.

    A predecessor that is among the successors too goes on: part of it passes to others. `revision` grows
    with every step: an older page is stale. `refusal` is why it could not be carried out on its day.
    """

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=AgencyChange.Kind)
    effective_on = models.DateField(_("effective on"))
    title_vi = models.CharField(_("title in Vietnamese"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    legal_document = models.CharField(_("number and symbol of the legal document"), max_length=300)
    document_on = models.DateField(_("date of the document"))
    document_subject = models.CharField(_("subject of the document"), max_length=300)
    predecessors = models.ManyToManyField(
        Agency, verbose_name=_("predecessors"), related_name="+", blank=True
    )
    state = models.CharField(
        _("state"), max_length=12, choices=PlanState, default=PlanState.DRAFT, editable=False
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    prepared_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("prepared by"), related_name="+", editable=False
    )
    prepared_at = models.DateTimeField(_("prepared at"), editable=False)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("proposed by"), related_name="+", null=True, editable=False
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True, editable=False)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("confirmed by"), related_name="+", null=True, editable=False
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, editable=False)
    carried_out_at = models.DateTimeField(_("carried out at"), null=True, editable=False)
    refusal = models.TextField(_("why it waits"), blank=True, editable=False)

    class Meta:
        verbose_name = _("planned change of agencies")
        verbose_name_plural = _("planned changes of agencies")
        ordering = ["-effective_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[PlanState.DRAFT, PlanState.DISCARDED])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="change_plan_proposed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PlanState.CONFIRMED, PlanState.CARRIED_OUT])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="change_plan_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="change_plan_takes_two",
                violation_error_message=_("Whoever proposed the change does not confirm it."),
            ),
            models.CheckConstraint(
                condition=Q(state=PlanState.CARRIED_OUT, carried_out_at__isnull=False)
                | (~Q(state=PlanState.CARRIED_OUT) & Q(carried_out_at=None)),
                name="change_plan_carried_out_has_time",
            ),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    def get_absolute_url(self) -> str:
        return reverse("agency_changes:detail", args=[self.pk])

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING_PLAN


class PlannedSuccessor(models.Model):
    """One successor of a plan and what passes to it. `is_new`: it was entered for this plan."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="successors")  # part of it
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("successor"), related_name="+")
    scope_note = models.CharField(_("what passes to it"), max_length=300, blank=True)
    is_new = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("planned successor")
        verbose_name_plural = _("planned successors")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "agency"], name="planned_successor_once")]

    def __str__(self) -> str:
        return str(self.agency)


class Takeover(models.Model):
    """To whom an assignment passes from a predecessor: chosen while `at` is empty, done since `at`."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="takeovers")  # part of it
    assignment = models.ForeignKey(
        Assignment, models.CASCADE, verbose_name=_("assignment"), related_name="takeovers"
    )  # of a draft that is loaded anew; what was signed is never deleted
    predecessor = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("predecessor"), related_name="+")
    successor = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("successor"), related_name="+")
    was_lead = models.BooleanField(_("led it"), default=False)
    at = models.DateTimeField(_("time"), null=True, editable=False)

    class Meta:
        verbose_name = _("assignment taken over")
        verbose_name_plural = _("assignments taken over")
        ordering = ["assignment__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "assignment", "predecessor"], name="takeover_once")
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.predecessor_id} {self.successor_id}"


class PostMove(models.Model):
    """What becomes of a post in a predecessor: as chosen; without a successor it ends."""

    plan = models.ForeignKey(ChangePlan, models.CASCADE, related_name="post_moves")  # part of it
    post = models.ForeignKey(
        Membership, models.CASCADE, verbose_name=_("post"), related_name="+"
    )  # of one that never began, when a hand-over is undone
    successor = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("successor"), related_name="+", null=True
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)

    class Meta:
        verbose_name = _("post that moves")
        verbose_name_plural = _("posts that move")
        constraints = [models.UniqueConstraint(fields=["plan", "post"], name="post_moves_once")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.successor_id}"


class PartyHeir(models.Model):
    """An agency that is a party since a change, in the place of another; who signed stays written as signed.

    `has_left`: the predecessor is no party any more. One that goes on remains beside its successor.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="heirs"
    )  # part of it
    predecessor = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("predecessor"), related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("successor"), related_name="+")
    has_left = models.BooleanField(_("the predecessor has left"), default=True)
    since_on = models.DateField(_("since"))

    class Meta:
        verbose_name = _("agency in the place of a party")
        verbose_name_plural = _("agencies in the place of parties")
        ordering = ["since_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "predecessor", "agency"], name="party_heir_once"),
            models.CheckConstraint(condition=~Q(agency=F("predecessor")), name="party_heir_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.agency_id}"
