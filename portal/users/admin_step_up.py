"""The administrator's pages that change people: behind a step-up."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from portal.audit.admin_base import AuditedAdmin
from portal.users import step_up
from portal.users.requests import SignedInRequest


class StepUpAdmin(AuditedAdmin):
    """A record whose forms open after a step-up for `step_up_purpose`; lists and histories as ever."""

    step_up_purpose = "users"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.guarded(request) or super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.guarded(request) or super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_change = request.method == "POST"  # an action on many rows
        return (self.guarded(request) if is_change else None) or super().changelist_view(
            request, *args, **kwargs
        )

    def guarded(self, request: HttpRequest) -> HttpResponse | None:
        """Return the way to the step-up, None when it was made; for every view that changes something."""
        return step_up.demand(cast(SignedInRequest, request), self.step_up_purpose)
