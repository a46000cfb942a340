"""The register of agencies and its history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.agencies.models import Agency, AgencyChange, Succession
from portal.audit.admin_base import AuditedAdmin, is_referenced
from portal.audit.admin_fields import PartInline


class ExistsFilter(admin.SimpleListFilter):
    title = _("existence")
    parameter_name = "exists"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("exists today")), ("past", _("no longer exists"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Agency]) -> QuerySet[Agency]:
        today = timezone.localdate()
        if self.value() == "today":
            return queryset.filter(pk__in=Agency.objects.valid_on(today))
        if self.value() == "past":
            return queryset.filter(valid_to__lt=today)
        return queryset


@admin.register(Agency)
class AgencyAdmin(AuditedAdmin):
    list_display = ("code", "symbol", "name_vi", "kind", "protocol_order", "valid_from", "valid_to")
    list_display_links = ("code", "name_vi")
    list_filter = (ExistsFilter, "kind")
    search_fields = ("name_folded",)
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("code", "symbol", "name_vi", "name_en", "kind", "parent")}),
        (_("In papers"), {"fields": ("header_parent", "signature_block", "protocol_order")}),
        (_("Contact"), {"fields": ("phone",)}),
        (_("Existence"), {"fields": ("valid_from", "valid_to")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Agency | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()  # the key that papers, mails and addresses speak of

    def choice_label(self, obj: Agency) -> str:
        """Four names survive as different bodies, so the code tells them apart."""
        return f"{obj.name} ({obj.code})"

    def is_deletable(self, obj: Agency) -> bool:
        return not is_referenced(obj)


class SuccessionInline(PartInline):
    model = Succession
    autocomplete_fields = ("agency",)
    extra = 1


@admin.register(AgencyChange)
class AgencyChangeAdmin(AuditedAdmin):
    list_display = ("reference", "kind", "effective_on", "title_vi")
    list_display_links = ("reference", "title_vi")
    list_filter = ("kind",)
    date_hierarchy = "effective_on"
    search_fields = ("reference", "title_vi", "legal_document")
    scans = True
    autocomplete_fields = ("predecessors",)
    fields = (
        "reference",
        "kind",
        "effective_on",
        "title_vi",
        "title_en",
        "legal_document",
        "document_on",
        "document_subject",
        "predecessors",
    )
    inlines = (SuccessionInline,)
