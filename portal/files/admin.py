"""Stored files: that they exist, never what they hold."""

from django.contrib import admin

from portal.audit.admin_base import RecordAdmin
from portal.files.models import StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(RecordAdmin):
    list_display = ("sha256", "media_type", "size", "stored_at")
    search_fields = ("sha256__startswith",)
    date_hierarchy = "stored_at"
