"""Signing in, factors, step-up, sessions. No namespace: allauth asks for some of the names."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import path
from django.views.generic import RedirectView

from portal.users.views import activation, factors, oidc, sessions, sign_in, step_up

urlpatterns = [
    # Only these of allauth's views are reachable; accounts are given, not signed up for.
    path("login/", account.login, name="account_login"),
    path("login/passkey/", sign_in.passkey, name="login_passkey"),
    path("login/oidc/", oidc.start, name="login_oidc"),
    path("login/oidc/callback/", oidc.callback, name="login_oidc_callback"),
    path("logout/", account.logout, name="account_logout"),
    path("activate/<slug:token>/", activation.activate, name="activate"),
    path("account/signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/none/", oidc.no_password, name="account_set_password"),
    path("account/step-up/", step_up.ask, name="account_step_up"),
    path("account/sessions/", sessions.listing, name="account_sessions"),
    path("account/sessions/<int:pk>/end/", sessions.end, name="account_end_session"),
    path("account/sessions/end-others/", sessions.end_others, name="account_end_other_sessions"),
    path("account/second-factor/", factors.index, name="mfa_index"),
    path("account/second-factor/code/", sign_in.second_step, name="mfa_authenticate"),
    path("account/second-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/set-up/", factors.choose, name="factor_choose"),
    path("account/second-factor/set-up/app/", factors.app, name="factor_app"),
    path("account/second-factor/set-up/key/", factors.key, name="factor_key"),
    path("account/second-factor/set-up/sheet/", factors.sheet, name="factor_sheet"),
    path("account/second-factor/keep/", factors.keep, name="factor_keep"),
    path("account/second-factor/spare/", factors.spare, name="factor_spare"),
    path("account/second-factor/<int:pk>/remove/", factors.remove, name="factor_remove"),
]
