"""Records of programmes that actions write and administrators only read; tasks.admin registers them."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.admin_base import RecordAdmin
from tasks import evidence
from tasks.forms import EvidenceReasonForm
from tasks.models import Evidence, Scheme


# --- Schemes ---------------------------------------------------------------------------------
class SchemeAdmin(RecordAdmin):
    """That a scheme was entered, by which document; how far it has come is not shown here."""

    not_shown = ("outcome",)
    list_display = ("years", "title_vi", "kind", "lead", "approval_number", "state")
    list_display_links = ("years", "title_vi")
    list_select_related = ("lead",)
    list_filter = ("kind", "state")
    search_fields = ("title_vi", "title_en")
    scans = True

    @admin.display(description=gettext_lazy("Years"), ordering="year_from")
    def years(self, obj: Scheme) -> str:
        return f"{obj.year_from}-{obj.year_to}"


# --- Papers of the year ------------------------------------------------------------------------
class YearPaperAdmin(RecordAdmin):
    """The register of each programme; who writes in it does so on its own pages."""

    list_display = ("issued_on", "kind", "number", "subject", "programme", "state")
    list_display_links = ("issued_on", "number")
    list_select_related = ("programme",)
    list_filter = ("kind", "state")
    search_fields = ("number",)
    scans = True


# --- Standing groups -------------------------------------------------------------------------
class StandingGroupAdmin(RecordAdmin):
    list_display = ("name", "basis", "host", "begins_on", "ended_on")
    list_select_related = ("basis", "host")
    search_fields = ("name",)
    scans = True


# --- Evidence --------------------------------------------------------------------------------
class EvidenceAdmin(RecordAdmin):
    """That files were added, to recall one that must not be here; never their content."""

    change_form_template = "admin/tasks/evidence_form.html"
    list_display = ("uploaded_at", "assignment_code", "agency", "name", "state", "recalled_at")
    list_display_links = ("uploaded_at", "name")
    list_select_related = ("assignment", "agency", "file__recall")
    list_filter = ("state",)
    search_fields = ("file__sha256__startswith", "assignment__folded", "agency__name_folded")

    @admin.display(description=gettext_lazy("assignment"), ordering="assignment__code")
    def assignment_code(self, obj: Evidence) -> str:
        return obj.assignment.code

    @admin.display(description=gettext_lazy("recalled at"))
    def recalled_at(self, obj: Evidence) -> Any:
        return obj.recalled.at if obj.recalled else None

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.recall)
        return [path("<int:pk>/recall/", view, name="tasks_evidence_recall"), *super().get_urls()]

    def recall(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then recall the file."""
        row = get_object_or_404(
            Evidence.objects.select_related("file__recall", "agency", "assignment"), pk=pk
        )
        form = EvidenceReasonForm(request.POST or None)
        user: Any = request.user
        if request.method == "POST" and form.is_valid():
            evidence.recall(row, by=user, at=timezone.now(), reason=form.cleaned_data["reason"])
            messages.success(request, _("The document was recalled; nobody can download it any more."))
            return redirect("admin:tasks_evidence_change", pk)
        facts = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Recall this document"),
            "original": row,
            "form": form,
        }
        status = 400 if request.method == "POST" else 200
        return render(request, "admin/tasks/evidence_recall.html", facts, status=status)
