"""Holidays and swapped working days: announced for each year, so they are rows."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.audit.admin_base import AuditedAdmin
from portal.calendar import changes
from portal.calendar.models import Holiday, load_calendar


@admin.register(Holiday)
class HolidayAdmin(AuditedAdmin):
    list_display = ("on", "kind", "name")
    list_filter = ("kind",)
    date_hierarchy = "on"
    search_fields = ("name",)
    scans = True
    fieldsets = (
        (
            None,
            {
                "fields": ("on", "kind", "name"),
                "description": _(
                    "A deadline on a day off, a Saturday or a Sunday moves to the next working day; a day"
                    " worked in exchange counts as one. Once you have saved, the portal says what moved."
                ),
            },
        ),
    )

    def is_deletable(self, obj: Holiday) -> bool:
        """A day to come that was entered by mistake; a past one has already moved deadlines."""
        return obj.on > timezone.localdate()

    def record(self, request: HttpRequest, obj: Holiday, done: str, payload: dict[str, Any]) -> None:
        """Move the deadlines that fall on the day, and write them into the same event."""
        calendar = load_calendar()
        if done == "deleted":  # told before it is gone
            calendar = calendar.without(obj.on)
        moved = changes.follow(calendar)
        for side in ("before", "after"):
            days = {row.label: day.isoformat() if (day := getattr(row, side)) else None for row in moved}
            payload[side] = (payload.get(side) or {}) | days
        super().record(request, obj, done, payload)
        if moved:
            text = ngettext(
                "%(count)d deadline moved with it; the history of this day names it.",
                "%(count)d deadlines moved with it; the history of this day names them.",
                len(moved),
            )
            messages.info(request, text % {"count": len(moved)})
