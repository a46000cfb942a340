"""Standing groups (nhóm phối hợp thường xuyên): a few agencies that coordinate by a text of their own."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency
from tasks.models.assignments import Assignment
from tasks.models.programmes import LegalBasis
from tasks.states import PlanItemState


class StandingGroup(models.Model):
    """Agencies that coordinate in one field over the years, as Decree 03/2019 has it of army and police."""

    name = models.CharField(_("name"), max_length=300)
    basis = models.ForeignKey(LegalBasis, models.PROTECT, verbose_name=_("legal basis"), related_name="+")
    host = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("chairing agency"), related_name="+")
    about = models.TextField(_("what it coordinates"), blank=True)
    begins_on = models.DateField(_("begins on"))
    ended_on = models.DateField(_("ended on"), null=True, editable=False)

    class Meta:
        verbose_name = _("standing group")
        verbose_name_plural = _("standing groups")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(ended_on=None),
                name="group_name_once",
                violation_error_message=_("A group of this name stands already."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begins_on")), name="group_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("groups:detail", args=[self.pk])


class GroupMember(models.Model):
    """An agency's time in a group; both days are within it. Who comes back has a row more."""

    group = models.ForeignKey(
        StandingGroup, models.PROTECT, verbose_name=_("standing group"), related_name="members"
    )
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    valid_from = models.DateField(_("member from"))
    valid_to = models.DateField(_("member until"), null=True)

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        ordering = ["group", "agency__protocol_order", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "agency"],
                condition=Q(valid_to=None),
                name="group_member_once",
                violation_error_message=_("The agency is a member already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="group_member_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.agency_id}"


class GroupPlanItem(models.Model):
    """One item of a group's plan of a year: who leads it, until when, what came of it.

    `conclusion_id` remembers the decision of a meeting from which it comes.
    """

    group = models.ForeignKey(
        StandingGroup, models.PROTECT, verbose_name=_("standing group"), related_name="items"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    order = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("what is done"), max_length=500)
    lead = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("member in charge"), related_name="+")
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"), max_length=10, choices=PlanItemState, default=PlanItemState.PLANNED, editable=False
    )
    result = models.TextField(_("what came of it"), blank=True)
    done_on = models.DateField(_("done on"), null=True, editable=False)
    drop_reason = models.TextField(_("why it was given up"), blank=True, editable=False)
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name=_("assignment"), related_name="+", null=True
    )
    conclusion_id = models.PositiveBigIntegerField(_("conclusion"), null=True, editable=False)

    class Meta:
        verbose_name = _("item of a group's plan")
        verbose_name_plural = _("items of groups' plans")
        ordering = ["group", "year", "order"]
        constraints = [
            models.UniqueConstraint(fields=["group", "year", "order"], name="group_item_order_once"),
            models.UniqueConstraint(
                fields=["conclusion_id"],
                condition=Q(conclusion_id__isnull=False),
                name="group_item_of_conclusion_once",
                violation_error_message=_("The decision stands in the plan already."),
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | ~Q(state="done") & Q(done_on=None),
                name="group_item_done_has_day",
            ),
            models.CheckConstraint(
                condition=(~Q(state="done") | Q(result__gt=""))
                & (Q(state="dropped", drop_reason__gt="") | ~Q(state="dropped") & Q(drop_reason="")),
                name="group_item_end_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}.{self.order}"

    def get_absolute_url(self) -> str:
        return reverse("groups:item", args=[self.group_id, self.pk])
