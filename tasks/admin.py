"""Programmes and assignments as records. From freezing on, what is signed is only read here.

Status, figures and results of an assignment are left out, its log altogether: an administrator keeps the
records and reads no reports.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from portal.audit.admin_base import AuditedAdmin, is_referenced
from portal.audit.admin_fields import PartInline
from portal.lib import walls
from portal.lib.errors import RuleError
from tasks import periods
from tasks.admin_forms import (
    AssignmentForm,
    ClauseForm,
    ClauseFormSet,
    CoordinationFormSet,
    NumberedFormSet,
    OrderedFormSet,
    ProgrammeForm,
    SolutionFormSet,
)
from tasks.admin_records import EvidenceAdmin, SchemeAdmin, StandingGroupAdmin, YearPaperAdmin
from tasks.models import (
    Assignment,
    Clause,
    Coordination,
    Evidence,
    JointIndicator,
    LegalBasis,
    Locality,
    PriorityTask,
    Programme,
    ProgrammeBasis,
    ReportingPeriod,
    Scheme,
    Signatory,
    Solution,
    StandingGroup,
    YearEndDecision,
    YearPaper,
)
from tasks.states import EDITABLE_PROGRAMME, ENDED_PROGRAMME, AssignmentStatus, ProgrammeState


def is_editable(programme: Programme | None) -> bool:
    """Return whether the text may still change; None is a programme that is being added."""
    return programme is None or programme.state in EDITABLE_PROGRAMME


# --- Programme -------------------------------------------------------------------------------
class TextInline(PartInline):
    """A part of the text: open until the programme is frozen."""

    def is_open(self, parent: Programme | None) -> bool:
        return is_editable(parent)

    def get_extra(self, request: HttpRequest, obj: Programme | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class SignatoryInline(TextInline):
    model = Signatory
    formset = OrderedFormSet
    fields = ("order", "agency", "place")
    autocomplete_fields = ("agency",)


class BasisInline(TextInline):
    model = ProgrammeBasis
    formset = OrderedFormSet
    fields = ("order", "basis")
    autocomplete_fields = ("basis",)


class ClauseInline(TextInline):
    model = Clause
    form = ClauseForm
    template = "admin/edit_inline/stacked.html"
    formset = ClauseFormSet
    fields = ("section", "number", "title", "text")


class PriorityTaskInline(TextInline):
    model = PriorityTask
    formset = NumberedFormSet
    fields = ("number", "title_vi", "title_en")


class SolutionInline(TextInline):
    model = Solution
    formset = SolutionFormSet
    fields = ("number", "title_vi", "title_en")


class PeriodInline(PartInline):
    model = ReportingPeriod
    fields = ("code", "kind", "data_from", "data_to", "due_on", "review_due_on")

    def is_open(self, parent: Programme | None) -> bool:
        return parent is None or parent.state not in ENDED_PROGRAMME


@admin.register(Programme)
class ProgrammeAdmin(AuditedAdmin):
    form = ProgrammeForm
    list_display = ("year_digits", "title_vi", "state", "host", "signing_closes_on", "assignment_count")
    list_display_links = ("year_digits", "title_vi")
    list_select_related = ("host",)
    list_filter = ("state",)
    search_fields = ("year", "title_vi", "title_en")
    scans = True
    autocomplete_fields = ("host", "co_host")
    change_form_template = "admin/tasks/programme_form.html"
    inlines = (
        SignatoryInline,
        BasisInline,
        ClauseInline,
        PriorityTaskInline,
        SolutionInline,
        PeriodInline,
    )
    _text = (
        "title_vi",
        "title_en",
        "scope",
        "year_to",
        "host",
        "co_host",
        "place",
        "symbol",
        "page_profile",
        "recipients",
        "conference_on",
        "signing_closes_on",
    )

    _running = (
        "extension_notice_days",
        "deputies_decide_extensions",
        "light_yellow_gap",
        "light_red_gap",
        "light_soon_days",
        "light_stale_days",
    )
    """How the programme is run, not what was signed: set until it ends."""

    @admin.display(description=gettext_lazy("year"), ordering="year")
    def year_digits(self, obj: Programme) -> str:
        return str(obj.year)  # a year has no thousands separator

    @admin.display(description=gettext_lazy("assignments"))
    def assignment_count(self, obj: Any) -> int:
        return int(obj.assignment_count)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        return super().get_queryset(request).annotate(assignment_count=Count("assignments"))

    def get_fields(self, request: HttpRequest, obj: Programme | None = None) -> tuple[str, ...]:
        year = "year" if is_editable(obj) else "year_digits"
        return (year, *self._text, *self._running, *(("state", "in_force_at") if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> tuple[str, ...]:
        kept = ("state", "in_force_at")
        if is_editable(obj):
            return kept
        signed = tuple(name for name in self._text if name != "title_en")
        ended = self._running if obj and obj.state in ENDED_PROGRAMME else ()
        return ("year_digits", *signed, *ended, *kept)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new programme as the newest one was."""
        newest = Programme.objects.order_by("-year").first()
        if newest is None:
            return {"symbol": "CTr-", **super().get_changeform_initial_data(request)}
        year = newest.year + 1
        return {
            "year": year,
            "title_vi": newest.title_vi.replace(str(newest.year), str(year)),
            "title_en": newest.title_en.replace(str(newest.year), str(year)),
            **{name: getattr(newest, name) for name in ("place", "symbol", "page_profile", "recipients")},
            **{"host": newest.host_id, "co_host": newest.co_host_id},
            **super().get_changeform_initial_data(request),
        }

    def is_deletable(self, obj: Programme) -> bool:
        return obj.state == ProgrammeState.DRAFT and not obj.assignments.exists()

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.make_periods))
        return [path("<int:pk>/periods/", view, name="tasks_programme_periods"), *super().get_urls()]

    def make_periods(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add the reporting periods of the Decree 09 preset that the programme lacks."""
        programme = get_object_or_404(Programme, pk=pk)
        user: Any = request.user
        count = periods.generate(programme, by=user, at=timezone.now())
        text = ngettext("%(count)d period was added.", "%(count)d periods were added.", count)
        messages.success(request, text % {"count": count})
        return redirect(reverse("admin:tasks_programme_change", args=[pk]) + "#periods-group")


# --- Legal bases -----------------------------------------------------------------------------
@admin.register(LegalBasis)
class LegalBasisAdmin(AuditedAdmin):
    list_display = ("number", "wording", "issued_on", "effective_from", "effective_to")
    list_display_links = ("number", "wording")
    search_fields = ("number", "wording")
    scans = True
    autocomplete_fields = ("amended_by",)
    fields = ("wording", "number", "issued_on", "effective_from", "effective_to", "amended_by")

    def get_readonly_fields(self, request: HttpRequest, obj: LegalBasis | None = None) -> tuple[str, ...]:
        signed = obj is not None and obj.programmes.exclude(state__in=EDITABLE_PROGRAMME).exists()
        return ("wording",) if signed else ()

    def lock(self, obj: LegalBasis) -> LegalBasis:
        """Wait for a freezing that is under way: its wording must not change behind the paper."""
        list(Programme.objects.select_for_update().filter(programmebasis__basis=obj).order_by("pk"))
        locked: LegalBasis = super().lock(obj)
        return locked

    def is_deletable(self, obj: LegalBasis) -> bool:
        return not is_referenced(obj)


# --- Assignments -----------------------------------------------------------------------------
class CoordinationInline(PartInline):
    model = Coordination
    formset = CoordinationFormSet
    fields = ("agency", "deliverable")
    autocomplete_fields = ("agency",)

    def is_open(self, parent: Assignment | None) -> bool:
        return parent is None or is_editable(parent.programme)

    def get_extra(self, request: HttpRequest, obj: Assignment | None = None, **kwargs: Any) -> int:
        return 0 if obj else 2


@admin.register(Assignment)
class AssignmentAdmin(AuditedAdmin):
    form = AssignmentForm
    list_display = ("code", "title_vi", "programme_year", "lead", "cycle", "deadline_on", "due_on")
    list_display_links = ("code", "title_vi")
    list_select_related = ("programme", "lead")
    list_filter = (
        ("programme", admin.RelatedOnlyFieldListFilter),
        "cycle",
        ("lead", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("folded", "lead__name_folded")
    autocomplete_fields = ("lead",)
    inlines = (CoordinationInline,)
    fieldsets = (
        (None, {"fields": ("programme", "code", "task", "solutions", "title_vi", "title_en", "lead")}),
        (gettext_lazy("Schedule"), {"fields": ("cycle", "start_on", "deadline_on")}),
        (
            gettext_lazy("Target"),
            {"fields": ("indicator_vi", "indicator_en", "unit_vi", "unit_en", "target")},
        ),
    )
    _binding = ("adjusted_on", "extensions_granted", "due_on")
    _unsigned = frozenset({"title_en", "indicator_en", "unit_en"})

    @admin.display(description=gettext_lazy("year"), ordering="programme__year")
    def programme_year(self, obj: Assignment) -> str:
        return str(obj.programme.year)

    def get_fieldsets(self, request: HttpRequest, obj: Assignment | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        return (*self.fieldsets, (gettext_lazy("Deadline that binds"), {"fields": self._binding}))

    def get_readonly_fields(self, request: HttpRequest, obj: Assignment | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        if is_editable(obj.programme):
            return ("programme", *self._binding)
        names = (name for _title, options in self.fieldsets for name in options["fields"])
        return (*(name for name in names if name not in self._unsigned), *self._binding)

    def lock(self, obj: Assignment) -> Assignment:
        """Lock the programme first, as freezing does: after it the text is what is being signed."""
        programme = Programme.objects.select_for_update().get(pk=obj.programme_id)
        locked: Assignment = super().lock(obj)
        locked.programme = programme
        return locked

    def save_model(self, request: HttpRequest, obj: Assignment, form: Any, change: bool) -> None:
        if not change:
            programme = Programme.objects.select_for_update().get(pk=obj.programme_id)
            if not is_editable(programme):
                raise RuleError(_("The programme was frozen meanwhile; nothing can be added to its text."))
        super().save_model(request, obj, form, change)

    def is_deletable(self, obj: Assignment) -> bool:
        with walls.everything():
            is_held = YearEndDecision.objects.filter(carried_to=obj).exists() or obj.milestone_duties.exists()
        return obj.status == AssignmentStatus.DRAFT and is_editable(obj.programme) and not is_held


# --- Indicators ------------------------------------------------------------------------------
@admin.register(Locality)
class LocalityAdmin(AuditedAdmin):
    """The register of districts and communes."""

    list_display = ("code", "name_vi", "kind", "valid_from", "valid_to", "successor")
    list_display_links = ("code", "name_vi")
    list_select_related = ("successor",)
    list_filter = ("kind",)
    search_fields = ("name_folded",)
    autocomplete_fields = ("successor",)
    fields = ("code", "kind", "name_vi", "name_en", "order", "valid_from", "valid_to", "successor")

    def get_readonly_fields(self, request: HttpRequest, obj: Locality | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def is_deletable(self, obj: Locality) -> bool:
        return not is_referenced(obj)


@admin.register(JointIndicator)
class JointIndicatorAdmin(AuditedAdmin):
    """Targets that several assignments make up together."""

    list_display = ("name_vi", "programme", "target", "unit_vi")
    list_select_related = ("programme",)
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name_vi", "name_en")
    scans = True
    autocomplete_fields = ("programme", "parts")
    fields = ("programme", "name_vi", "name_en", "unit_vi", "unit_en", "target", "parts")


# --- What actions write: only read here --------------------------------------------------------
admin.site.register(Scheme, SchemeAdmin)
admin.site.register(Evidence, EvidenceAdmin)
admin.site.register(YearPaper, YearPaperAdmin)
admin.site.register(StandingGroup, StandingGroupAdmin)
