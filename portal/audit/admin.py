"""The audit trail, to be read only: by number, never by what other roles wrote into it."""

from django.contrib import admin

from portal.audit.admin_base import RecordAdmin
from portal.audit.models import Event


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """Who did what, when. The details may hold words of a report, which an administrator does not see.

    No date navigation and no filters: both would read the whole trail, a million rows, for one page.
    """

    # Over details of a few figures the hash is as good as they are: all of them are soon tried.
    not_shown = ("payload", "prev_sha256", "sha256")
    list_display = ("seq", "at", "actor_label", "agency_code", "verb", "subject_label", "address")
    search_fields = ("verb__startswith", "=subject_id", "=request_id", "=actor_id")
