"""The administrator's site: who enters, and which of Django's own pages are left out."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, auth
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class ClearAutocomplete(AutocompleteJsonView):
    """Names each match as its own page does (AuditedAdmin.choice_label)."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": self.model_admin.choice_label(obj)}


class PortalAdminSite(admin.AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Records")
    site_url = "/"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")  # deletion is one at a time, with its own rule

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Refuse a signed-in person who is no administrator, instead of sending them to sign in again.

        Django would redirect to the login page, which sends a signed-in person straight back here.
        """
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return guarded

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return ClearAutocomplete.as_view(admin_site=self)(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign out and show the portal's own login page."""
        if request.method == "POST":
            auth.logout(request)
        return redirect(settings.LOGIN_URL)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's own password is changed where everybody changes it: throttled and audited there."""
        return redirect("account_change_password")
