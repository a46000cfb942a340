"""The coordination programme of a year and its text."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.agencies.models import Agency
from portal.lib.text import in_reader_language
from tasks.deadlines import (
    DUE_SOON_DAYS,
    EXTENSION_NOTICE_DAYS,
    LIGHT_RED_GAP,
    LIGHT_STALE_DAYS,
    LIGHT_YELLOW_GAP,
)
from tasks.states import ProgrammeState


class LegalBasis(models.Model):
    """A text that programmes cite, with the dates between which it may be cited."""

    wording = models.CharField(
        _("wording"),
        max_length=600,
        help_text=_("As printed, without the final punctuation: “Căn cứ Luật Quốc phòng ngày …”."),
    )
    number = models.CharField(_("number and symbol"), max_length=60, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    effective_from = models.DateField(_("in force from"), null=True, blank=True)
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    amended_by = models.ManyToManyField(
        "self", symmetrical=False, blank=True, verbose_name=_("amended by"), related_name="amends"
    )

    class Meta:
        verbose_name = _("legal basis")
        verbose_name_plural = _("legal bases")
        ordering = ["issued_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["wording"], name="legal_basis_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None)
                | Q(effective_from=None)
                | Q(effective_to__gte=F("effective_from")),
                name="legal_basis_dates_in_order",
                violation_error_message=_("The text lapses before it comes into force."),
            ),
        ]

    def __str__(self) -> str:
        return self.wording


class Programme(models.Model):
    """What the parties agree on for one year: tasks, solutions, assignments, and how it is run."""

    class Scope(models.TextChoices):
        ANNUAL = "annual", _("one year")
        MULTI_YEAR = "multi_year", _("several years")

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    year_to = models.PositiveSmallIntegerField(_("last year"))
    scope = models.CharField(_("scope"), max_length=12, choices=Scope, default=Scope.ANNUAL)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ProgrammeState, default=ProgrammeState.DRAFT, editable=False
    )
    host = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("host agency"), related_name="+")
    co_host = models.ForeignKey(
        Agency, models.PROTECT, verbose_name=_("co-host"), related_name="+", null=True, blank=True
    )
    place = models.CharField(_("place of issue"), max_length=60)
    symbol = models.CharField(
        _("symbol"),
        max_length=60,
        help_text=_(
            "After the slash of the number, for example CTr-BCHQS-MTTQ. The number is given at issue."
        ),
    )
    page_profile = models.CharField(
        _("page layout"),
        max_length=10,
        choices=[("nd30", _("Decree 30/2020")), ("bqp", _("Ministry of National Defence"))],
        default="nd30",
    )
    recipients = models.TextField(
        _("recipients"), blank=True, help_text=_("“Nơi nhận”, one a line, without the dash.")
    )
    conference_on = models.DateField(_("conference on"), null=True, blank=True)
    signing_closes_on = models.DateField(_("signing closes on"))
    extension_notice_days = models.PositiveSmallIntegerField(
        _("notice of a request for extension"),
        default=EXTENSION_NOTICE_DAYS,
        validators=[MaxValueValidator(60)],
        help_text=_("Working days before the deadline; a request made later is taken and marked as late."),
    )
    deputies_decide_extensions = models.BooleanField(
        _("deputies decide on extensions"),
        default=False,
        help_text=_("Besides the commander, the deputy heads of the host agency may decide."),
    )
    light_yellow_gap = models.PositiveSmallIntegerField(
        _("yellow light from"),
        default=LIGHT_YELLOW_GAP,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Points by which what was achieved lags behind the share of time that is over."),
    )
    light_red_gap = models.PositiveSmallIntegerField(
        _("red light from"),
        default=LIGHT_RED_GAP,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Points by which what was achieved lags behind the share of time that is over."),
    )
    light_soon_days = models.PositiveSmallIntegerField(
        _("yellow light in the last days"),
        default=DUE_SOON_DAYS,
        validators=[MaxValueValidator(60)],
        help_text=_("Days before the deadline from which unfinished work is yellow at least."),
    )
    light_stale_days = models.PositiveSmallIntegerField(
        _("figures are old after"),
        default=LIGHT_STALE_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("Days without news of the work after which its light says that it rests on old figures."),
    )
    bases: "models.ManyToManyField[LegalBasis, ProgrammeBasis]" = models.ManyToManyField(
        LegalBasis, through="ProgrammeBasis", verbose_name=_("legal bases"), related_name="programmes"
    )
    begun_from = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("begun from"),
        related_name="continuations",
        null=True,
        editable=False,
        help_text=_("The programme whose text was copied."),
    )
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100),
                name="programme_year_plausible",
                violation_error_message=_("Give a year between 2000 and 2100."),
            ),
            models.CheckConstraint(
                condition=Q(year_to__gte=F("year")),
                name="programme_years_in_order",
                violation_error_message=_("The last year comes before the first."),
            ),
            models.CheckConstraint(
                condition=Q(co_host=None) | ~Q(co_host=F("host")),
                name="programme_two_hosts_differ",
                violation_error_message=_("Host and co-host are the same agency."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProgrammeState.IN_FORCE) | Q(in_force_at__isnull=False),
                name="programme_in_force_since",
            ),
            models.CheckConstraint(
                condition=Q(light_yellow_gap__gte=1, light_red_gap__gte=F("light_yellow_gap"))
                & Q(light_red_gap__lte=100),
                name="programme_lights_in_order",
                violation_error_message=_("The red light begins at a larger lag than the yellow one."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class ProgrammeBasis(models.Model):
    """One “Căn cứ” line of a programme."""

    programme = models.ForeignKey(Programme, models.CASCADE, verbose_name=_("programme"))  # part of it
    basis = models.ForeignKey(LegalBasis, models.PROTECT, verbose_name=_("legal basis"))
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("cited legal basis")
        verbose_name_plural = _("cited legal bases")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["programme", "basis"], name="basis_cited_once")]

    def __str__(self) -> str:
        return str(self.basis)


class Signatory(models.Model):
    """A party to the programme, in protocol order."""

    class Place(models.TextChoices):
        MAIN = "main", _("on the main page")
        ANNEX = "annex", _("in the signature annex")

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="signatories"
    )  # part of it
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="signatory_in")
    order = models.PositiveSmallIntegerField(_("order"))
    place = models.CharField(_("signs"), max_length=8, choices=Place, default=Place.ANNEX)

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "agency"],
                name="signatory_once",
                violation_error_message=_("This agency is a signatory already."),
            ),
            models.UniqueConstraint(
                fields=["programme", "order"],
                name="signatory_order_once",
                violation_error_message=_("Another signatory has this place in the order."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.agency)


class Clause(models.Model):
    """A paragraph of the programme's text, apart from tasks and solutions."""

    class Section(models.TextChoices):
        OPENING = "opening", _("Opening")
        PURPOSE = "purpose", _("I. Purpose and requirements")
        RESPONSIBILITY = "responsibility", _("IV. Division of responsibilities")
        ORGANISATION = "organisation", _("V. Organisation")

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="clauses"
    )  # part of it
    section = models.CharField(_("section"), max_length=20, choices=Section)
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(pgettext_lazy("clause", "title"), max_length=300, blank=True)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["section", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "section", "number"],
                name="clause_number_once",
                violation_error_message=_("Another clause of this section has this number."),
            )
        ]

    def __str__(self) -> str:
        words = {"section": self.get_section_display(), "number": self.number}
        return str(_("%(section)s, clause %(number)s") % words)


class _Numbered(models.Model):
    """A numbered, bilingual row of a programme."""

    number = models.PositiveSmallIntegerField(_("number"))
    title_vi = models.CharField(_("title in Vietnamese"), max_length=500)
    title_en = models.CharField(_("title in English"), max_length=500, blank=True)

    class Meta:
        abstract = True
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class PriorityTask(_Numbered):
    """Nhiệm vụ trọng tâm: five in the Thanh Hóa programme, but a row each, not a constant."""

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="priority_tasks"
    )  # part of it

    class Meta(_Numbered.Meta):
        verbose_name = _("priority task")
        verbose_name_plural = _("priority tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="priority_task_number_once",
                violation_error_message=_("Another priority task has this number."),
            )
        ]


class Solution(_Numbered):
    """Giải pháp chủ yếu: eight in the Thanh Hóa programme."""

    programme = models.ForeignKey(
        Programme, models.CASCADE, verbose_name=_("programme"), related_name="solutions"
    )  # part of it

    class Meta(_Numbered.Meta):
        verbose_name = _("key solution")
        verbose_name_plural = _("key solutions")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"],
                name="solution_number_once",
                violation_error_message=_("Another solution has this number."),
            )
        ]
