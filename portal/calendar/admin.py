"""Holidays and swapped working days: announced for each year, so they are rows."""

from django.contrib import admin
from django.utils import timezone

from portal.audit.admin_base import AuditedAdmin
from portal.calendar.models import Holiday


@admin.register(Holiday)
class HolidayAdmin(AuditedAdmin):
    list_display = ("on", "kind", "name")
    list_filter = ("kind",)
    date_hierarchy = "on"
    search_fields = ("name",)
    scans = True
    fields = ("on", "kind", "name")

    def is_deletable(self, obj: Holiday) -> bool:
        """A day to come that was entered by mistake; a past one has already moved deadlines."""
        return obj.on > timezone.localdate()
