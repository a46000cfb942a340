"""Conferences: who is invited, who comes, what is said, and what is concluded."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.models.consultations import DraftVersion
from agreements.states import ConferenceState
from portal.agencies.models import Agency
from portal.users.models import User
from tasks.models import Clause, PriorityTask, Programme, Solution, StandingGroup


class Conference(models.Model):
    """A meeting of the parties about a programme. Its frozen minutes are JSON with their SHA-256."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("annual conference")
        INTERIM = "interim", _("interim review")
        BRIEFING = "briefing", _("briefing")
        REVIEW = "review", _("annual review")
        OTHER = "other", _("other meeting")

    programme = models.ForeignKey(Programme, models.PROTECT, verbose_name=_("programme"), related_name="+")
    group = models.ForeignKey(
        StandingGroup, models.PROTECT, verbose_name=_("standing group"), related_name="+", null=True
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ANNUAL)
    title = models.CharField(_("title"), max_length=300)
    starts_at = models.DateTimeField(_("begins"))
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    place = models.CharField(_("place"), max_length=300)
    chair = models.ForeignKey(User, models.PROTECT, verbose_name=_("chair"), related_name="+")
    secretary = models.ForeignKey(User, models.PROTECT, verbose_name=_("secretary"), related_name="+")
    delegates_until = models.DateField(_("delegates named until"))
    state = models.CharField(
        _("state"), max_length=10, choices=ConferenceState, default=ConferenceState.PREPARING, editable=False
    )
    submitted = models.ForeignKey(
        DraftVersion, models.PROTECT, verbose_name=_("text put before it"), related_name="+", null=True,
        editable=False,
    )  # fmt: skip
    door_key = models.CharField(max_length=32, editable=False)
    invited_at = models.DateTimeField(_("invited"), null=True, editable=False)
    called_off_at = models.DateTimeField(_("called off"), null=True, editable=False)
    called_off_because = models.TextField(_("why it was called off"), blank=True, editable=False)
    content = models.JSONField(_("content"), null=True, editable=False)
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    frozen_at = models.DateTimeField(_("minutes frozen"), null=True, editable=False)
    chair_signed_at = models.DateTimeField(_("confirmed by the chair"), null=True, editable=False)
    secretary_signed_at = models.DateTimeField(_("confirmed by the secretary"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("conference")
        verbose_name_plural = _("conferences")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(chair=models.F("secretary")),
                name="conference_two_people",
                violation_error_message=_("Chair and secretary are the same person."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "cancelled"]) | Q(invited_at__isnull=False),
                name="conference_invited_when",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", called_off_at__isnull=False, called_off_because__gt="")
                | ~Q(state="cancelled") & Q(called_off_at=None, called_off_because=""),
                name="conference_called_off_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "invited", "cancelled"], content=None, frozen_at=None)
                | Q(
                    state__in=["frozen", "signed"],
                    content__isnull=False,
                    content_sha256__gt="",
                    frozen_at__isnull=False,
                    ended_at__isnull=False,
                ),
                name="conference_frozen_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed")
                | Q(chair_signed_at__isnull=False, secretary_signed_at__isnull=False),
                name="conference_signed_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conferences:detail", args=[self.pk])

    @property
    def is_frozen(self) -> bool:
        return self.state in {ConferenceState.FROZEN, ConferenceState.SIGNED}

    @property
    def is_briefing(self) -> bool:
        return self.kind == self.Kind.BRIEFING

    @property
    def is_called_off(self) -> bool:
        return self.state == ConferenceState.CANCELLED


class AgendaItem(models.Model):
    """One item of the agenda; `starts` is the local time of day."""

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="agenda"
    )  # part of it
    order = models.PositiveSmallIntegerField(_("order"))
    starts = models.TimeField(_("time"), null=True)
    title = models.CharField(_("item"), max_length=300)
    presenter = models.CharField(_("who presents"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ["conference", "order"]
        constraints = [models.UniqueConstraint(fields=["conference", "order"], name="agenda_order_once")]

    def __str__(self) -> str:
        return f"{self.order}. {self.title}"


class InvitedAgency(models.Model):
    """An agency that is invited: why it cannot come, and how far it agrees with what was put forward."""

    class Assent(models.TextChoices):
        FULL = "full", _("agrees in full")
        MOSTLY = "mostly", _("agrees in the main")
        NONE = "none", _("does not agree")

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="invited"
    )  # part of it
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    order = models.PositiveSmallIntegerField(_("order"))
    excuse = models.CharField(_("why it cannot come"), max_length=500, blank=True)
    assent = models.CharField(_("agreement"), max_length=10, choices=Assent, blank=True)
    reservation = models.TextField(_("reservation or reason"), blank=True)
    assent_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("recorded by"), related_name="+", null=True
    )
    assent_at = models.DateTimeField(_("recorded at"), null=True)

    class Meta:
        verbose_name = _("invited agency")
        verbose_name_plural = _("invited agencies")
        ordering = ["conference", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "agency"],
                name="agency_invited_once",
                violation_error_message=_("This agency is invited already."),
            ),
            models.CheckConstraint(
                condition=Q(assent__in=["", "full"], reservation="")
                | Q(assent__in=["mostly", "none"], reservation__gt=""),
                name="assent_says_reservation",
                violation_error_message=_("Write the reservation, or why the agency does not agree."),
            ),
            models.CheckConstraint(
                condition=Q(assent="", assent_at=None, assent_by=None)
                | Q(assent__gt="", assent_at__isnull=False, assent_by__isnull=False),
                name="assent_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.conference_id}"


class Attendance(models.Model):
    """Somebody who is to come: a delegate of an invited agency, or a guest, who has no agency here.

    `present_at` is when they were seen, by list or by the code at the door.
    """

    class How(models.TextChoices):
        LIST = "list", _("by list")
        DOOR = "door", _("by the code at the door")

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="attendances"
    )  # part of it
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+", null=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    name = models.CharField(_("full name"), max_length=120)
    position = models.CharField(_("position"), max_length=120)
    substitute_for = models.CharField(_("in place of"), max_length=160, blank=True)
    named_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("named by"), related_name="+")
    named_at = models.DateTimeField(_("named at"))
    present_at = models.DateTimeField(_("present since"), null=True)
    present_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("marked by"), related_name="+", null=True
    )
    how = models.CharField(_("how"), max_length=6, choices=How, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["conference", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency=None) | Q(organisation=""), name="attendance_of_agency_or_guest"
            ),
            models.CheckConstraint(
                condition=Q(present_at=None, present_by=None, how="")
                | Q(present_at__isnull=False, present_by__isnull=False, how__gt=""),
                name="attendance_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id or _('guest')} {self.conference_id}"


class Contribution(models.Model):
    """What an agency says: a speech, a point of the discussion, a proposal; about a place of the text or not.

    The place may go while the text is a draft; the words stay.
    """

    class Kind(models.TextChoices):
        SPEECH = "speech", _("speech")
        POINT = "point", _("point of discussion")
        PROPOSAL = "proposal", _("proposal")

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="contributions"
    )  # part of it
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.POINT)
    speaker = models.CharField(_("speaker"), max_length=160, blank=True)
    clause = models.ForeignKey(
        Clause, models.SET_NULL, verbose_name=_("clause"), related_name="+", null=True
    )  # see above
    task = models.ForeignKey(
        PriorityTask, models.SET_NULL, verbose_name=_("priority task"), related_name="+", null=True
    )  # see above
    solution = models.ForeignKey(
        Solution, models.SET_NULL, verbose_name=_("solution"), related_name="+", null=True
    )  # see above
    text = models.TextField(_("text"))
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["conference", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(clause=None, task=None)
                | Q(clause=None, solution=None)
                | Q(task=None, solution=None),
                name="contribution_about_one_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.get_kind_display()}"


class Conclusion(models.Model):
    """What the chair concludes. It becomes an assignment that remembers this row's id."""

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="conclusions"
    )  # part of it
    order = models.PositiveSmallIntegerField(_("order"))
    text = models.TextField(_("text"))
    owner = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("agency in charge"), related_name="+", null=True
    )
    task = models.ForeignKey(
        PriorityTask, models.SET_NULL, verbose_name=_("priority task"), related_name="+", null=True
    )  # its number may go while the text is a draft
    due_on = models.DateField(_("due on"), null=True)

    class Meta:
        verbose_name = _("conclusion")
        verbose_name_plural = _("conclusions")
        ordering = ["conference", "order"]
        constraints = [models.UniqueConstraint(fields=["conference", "order"], name="conclusion_order_once")]

    def __str__(self) -> str:
        return f"{self.order}. {self.text[:80]}"


class MinutesPart(models.Model):
    """A section of the minutes that was edited: its words, and what was drafted when they were written."""

    class Section(models.TextChoices):
        OPENING = "opening", _("Opening")
        ATTENDANCE = "attendance", _("Who took part")
        AGENDA = "agenda", _("Agenda")
        STANDING = "standing", _("What stands on the list")
        DISCUSSION = "discussion", _("Discussion")
        ASSENT = "assent", _("Agreement")
        CONCLUSIONS = "conclusions", _("Conclusions")
        CLOSING = "closing", _("Closing")

    conference = models.ForeignKey(
        Conference, models.CASCADE, verbose_name=_("conference"), related_name="parts"
    )  # part of it
    section = models.CharField(_("section"), max_length=12, choices=Section)
    text = models.TextField(_("text"), blank=True)
    drafted = models.TextField(_("as drafted"), blank=True)

    class Meta:
        verbose_name = _("edited section of the minutes")
        verbose_name_plural = _("edited sections of the minutes")
        ordering = ["conference", "pk"]
        constraints = [models.UniqueConstraint(fields=["conference", "section"], name="minutes_section_once")]

    def __str__(self) -> str:
        return f"{self.conference_id} {self.section}"
