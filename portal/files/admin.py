"""Stored files: that they exist, never what they hold."""

from django.contrib import admin

from portal.audit.admin_base import RecordAdmin
from portal.files.models import Recall, StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(RecordAdmin):
    list_display = ("sha256", "media_type", "size", "stored_at")
    search_fields = ("sha256__startswith",)
    date_hierarchy = "stored_at"


@admin.register(Recall)
class RecallAdmin(RecordAdmin):
    """Files that nobody may have any more: who recalled them, when and why."""

    list_display = ("at", "file", "by", "reason", "destroyed_at")
    list_select_related = ("file", "by")
    search_fields = ("file__sha256__startswith",)
