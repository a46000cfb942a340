"""Every address of the portal, by the layer that answers it."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal.users.views import activation, recoveries

handler400 = "portal.dashboards.views.errors.bad_request"
handler403 = "portal.dashboards.views.errors.forbidden"
handler404 = "portal.dashboards.views.errors.not_found"
handler500 = "portal.dashboards.views.errors.server_error"

urlpatterns = [
    path("", include("portal.dashboards.urls")),
    path("assignments/", include("tasks.urls")),
    path("agreements/", include("agreements.urls")),
    path("verify/", include("agreements.verify_urls")),
    path("notices/", include("portal.notices.urls")),
    path("people/", include("portal.users.people_urls")),
    path("", include("portal.operations.urls")),
    # Sign-in. Only these of allauth's views are reachable; accounts are given, not signed up for.
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("account/signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/", mfa.index, name="mfa_index"),
    path("account/second-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("account/second-factor/replace/", recoveries.replace_phone, name="replace_phone"),
    path("activate/<slug:token>/", activation.activate, name="activate"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
]
