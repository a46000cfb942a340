"""People and the posts they hold. Neither password nor second factor is touched here: people are invited."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.audit.admin_base import RecordAdmin
from portal.audit.admin_fields import PartInline
from portal.users import mails, sessions
from portal.users.admin_step_up import StepUpAdmin
from portal.users.models import Membership, Role, SignIn, User
from portal.users.records import Handover, Invitation, Recovery

# Registered by their own apps: groups mean nothing here, an e-mail is a field of the user, and a
# second factor may neither be read nor taken away by one administrator alone.
for _model in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class _FromToday:
    """New posts begin today unless said otherwise."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "valid_from":
            kwargs["initial"] = timezone.localdate
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class MembershipInline(_FromToday, PartInline):
    model = Membership
    fields = ("agency", "role", "title", "valid_from", "valid_to", "document", "document_on")
    autocomplete_fields = ("agency",)

    def get_extra(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def is_removable(self, parent: User | None) -> bool:
        return False  # a post ends; it never was not held


class PostFilter(admin.SimpleListFilter):
    title = _("post")
    parameter_name = "post"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Role.choices, ("none", _("no post today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        held = Membership.objects.valid_on(timezone.localdate())
        if self.value() == "none":
            return queryset.exclude(pk__in=held.values("user"))
        if self.value():
            return queryset.filter(pk__in=held.filter(role=self.value()).values("user"))
        return queryset


@admin.register(User)
class UserAdmin(StepUpAdmin):
    hidden_values = ("email", "phone")  # the trail cannot be edited, so what must be erasable stays out of it
    list_display = ("username", "full_name", "rank", "email", "is_active", "last_login")
    list_display_links = ("username", "full_name")
    list_filter = (PostFilter, "is_active")
    search_fields = ("name_folded",)
    ordering = ("username",)
    fields = ("username", "full_name", "rank", "email", "phone", "is_active", "last_login")
    change_form_template = "admin/users/user_form.html"
    inlines = (MembershipInline,)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("username", "full_name", "rank", "email", "phone")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The name stays: by it the identity provider opens an account, perhaps without a factor of ours."""
        if obj is None:
            return ("last_login",)
        return ("username", "last_login", *(("is_active",) if obj.pk == request.user.pk else ()))

    def choice_label(self, obj: User) -> str:
        return f"{obj.get_full_name()} ({obj.username})"

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(self.end_sessions)
        return [path("<int:pk>/end-sessions/", end, name="users_user_end_sessions"), *super().get_urls()]

    def end_sessions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign a person out everywhere, at once."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if ask := self.guarded(request):
            return ask
        person, now, by = get_object_or_404(self.get_queryset(request), pk=pk), timezone.now(), request.user
        count = sessions.end(sessions.current(person, at=now), of=person, by=by, at=now)
        if count:
            text = ngettext("%(n)s sign-in was ended.", "%(n)s sign-ins were ended.", count)
            messages.success(request, text % {"n": count})
        else:
            messages.info(request, _("This person is signed in nowhere."))
        return redirect("admin:users_user_change", pk)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """A new person has no password: an invitation lets them choose one.

        Whoever gets another address is told at the old one: their mail goes elsewhere from now on.
        """
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            mails.tell_former_address(obj, form.initial["email"], at=timezone.now())

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: Any = None) -> HttpResponse:
        """Go on where the person is invited, unless another one is to be added."""
        answer = super().response_add(request, obj, post_url_continue)
        is_done = not {"_addanother", "_continue", IS_POPUP_VAR} & request.POST.keys()
        return redirect("people:person", pk=obj.pk) if is_done else answer


@admin.register(Membership)
class MembershipAdmin(_FromToday, StepUpAdmin):
    list_display = ("agency", "role", "user", "title", "valid_from", "valid_to")
    list_display_links = ("agency", "role")
    list_select_related = ("agency", "user")
    list_filter = ("role",)
    search_fields = ("user__name_folded", "agency__name_folded")
    autocomplete_fields = ("user", "agency")
    fields = ("user", "agency", "role", "title", "valid_from", "valid_to", "document", "document_on")


@admin.register(SignIn)
class SignInAdmin(RecordAdmin):
    not_shown = ("session_key",)  # whoever has it is signed in
    list_display = ("user", "address", "signed_in_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__name_folded",)


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    not_shown = ("token_sha256", "code_hash")
    list_display = ("user", "way", "invited_by", "invited_at", "expires_at", "used_at", "revoked_at")
    list_select_related = ("user", "invited_by")
    list_filter = ("way",)
    search_fields = ("user__name_folded",)


@admin.register(Recovery)
class RecoveryAdmin(RecordAdmin):
    not_shown = ("code_hash",)
    list_display = ("user", "opened_by", "opened_at", "approved_by", "used_at", "cancelled_at")
    list_select_related = ("user", "opened_by", "approved_by")
    search_fields = ("user__name_folded",)


@admin.register(Handover)
class HandoverAdmin(RecordAdmin):
    list_display = ("__str__", "starts_on", "made_by", "made_at", "undone_at")
    list_select_related = (
        "successor__user",
        "successor__agency",
        "predecessor__user",
        "predecessor__agency",
        "made_by",
    )
    search_fields = ("successor__user__name_folded", "predecessor__user__name_folded")
