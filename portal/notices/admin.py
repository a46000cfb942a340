"""The outbox as technical state: whether a mail went out, not what it said, nor how late anybody is."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.audit.admin_base import RecordAdmin
from portal.notices.models import Mail, Notice


@admin.register(Notice)
class NoticeAdmin(RecordAdmin):
    not_shown = (
        "text_vi",
        "text_en",
        "subject_type",
        "subject_id",
        "kind",
        "rule",
        "due_on",
        "phone_leased_until",
    )
    list_display = ("pk", "recipient", "mail_state", "send_after", "sent_at")
    list_select_related = ("recipient",)
    list_filter = ("mail_state",)
    search_fields = ("recipient__name_folded",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """The texts stay in the database."""
        return super().get_queryset(request).defer("text_vi", "text_en")


@admin.register(Mail)
class MailAdmin(RecordAdmin):
    not_shown = ("leased_until", "lease")
    list_display = ("pk", "recipient", "day", "mail_state", "attempts", "send_after", "sent_at")
    list_select_related = ("recipient",)
    list_filter = ("mail_state",)
    search_fields = ("recipient__name_folded",)
