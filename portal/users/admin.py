"""People and the posts they hold. The second factor is not touched here."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
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
from portal.audit.pictures import HIDDEN
from portal.users import sessions
from portal.users.admin_step_up import StepUpAdmin
from portal.users.models import Membership, Role, SignIn, User

# Registered by their own apps: groups mean nothing here, an e-mail is a field of the user, and a
# second factor may neither be read nor taken away by one administrator alone.
for _model in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class UserAddForm(auth_forms.UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "full_name", "rank", "email")
        field_classes = {"username": auth_forms.UsernameField}


class PasswordForm(auth_forms.AdminPasswordChangeForm):
    """Set another person's password; an account is closed by “may sign in”, not by a missing password."""

    usable_password = None


class _FromToday:
    """New posts begin today unless said otherwise."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "valid_from":
            kwargs["initial"] = timezone.localdate
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class MembershipInline(_FromToday, PartInline):
    model = Membership
    fields = ("agency", "role", "title", "valid_from", "valid_to")
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
class UserAdmin(StepUpAdmin, auth_admin.UserAdmin):
    hidden_values = ("email",)  # the trail cannot be edited, so what must be erasable stays out of it
    list_display = ("username", "full_name", "rank", "email", "is_active", "last_login")
    list_display_links = ("username", "full_name")
    list_filter = (PostFilter, "is_active")
    search_fields = ("name_folded",)
    filter_horizontal = ()
    ordering = ("username",)
    fieldsets = ((None, {"fields": ("username", "full_name", "rank", "email", "is_active", "last_login")}),)
    add_fieldsets = (
        (None, {"fields": ("username", "full_name", "rank", "email", "password1", "password2")}),
    )
    form = forms.ModelForm
    add_form = UserAddForm
    add_form_template = None
    change_password_form = PasswordForm
    change_form_template = "admin/users/user_form.html"
    change_user_password_template = "admin/users/password.html"  # noqa: S105 - a template
    inlines = (MembershipInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        oneself = obj is not None and obj.pk == request.user.pk
        return ("last_login", "is_active") if oneself else ("last_login",)

    def choice_label(self, obj: User) -> str:
        return f"{obj.get_full_name()} ({obj.username})"

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        return self.guarded(request) or self._in_action(request, super().user_change_password, id, form_url)

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

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        if isinstance(form, PasswordForm):
            return {"before": {"password": HIDDEN}, "after": {"password": HIDDEN}}
        return super().construct_change_message(request, form, formsets, add)


@admin.register(Membership)
class MembershipAdmin(_FromToday, StepUpAdmin):
    list_display = ("agency", "role", "user", "title", "valid_from", "valid_to")
    list_display_links = ("agency", "role")
    list_select_related = ("agency", "user")
    list_filter = ("role",)
    search_fields = ("user__name_folded", "agency__name_folded")
    autocomplete_fields = ("user", "agency")
    fields = ("user", "agency", "role", "title", "valid_from", "valid_to")


@admin.register(SignIn)
class SignInAdmin(RecordAdmin):
    not_shown = ("session_key",)  # whoever has it is signed in
    list_display = ("user", "address", "signed_in_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__name_folded",)
