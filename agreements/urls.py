"""Addresses of agreements."""

from django.urls import path

from agreements.views import certificates, documents, holdings, roots, rounds, signing

app_name = "agreements"

urlpatterns = [
    path("", documents.listing, name="list"),
    path("certificate/", certificates.certificate, name="certificate"),
    path("certificate/request/", certificates.ask, name="ask_certificate"),
    path("certificate/renew/", certificates.renew, name="renew_certificate"),
    path("certificate/forgotten-pin/", certificates.forgotten_pin, name="forgotten_pin"),
    path("certificate/pin/", certificates.change_pin, name="change_pin"),
    path("certificate/withdraw/", certificates.withdraw, name="withdraw_certificate_request"),
    path("certificates/", certificates.requests, name="certificate_requests"),
    path("certificates/requests/<int:pk>/", certificates.release, name="certificate_request"),
    path("certificates/requests/<int:pk>/refuse/", certificates.refuse, name="refuse_certificate"),
    path("certificates/all/", holdings.listing, name="certificates"),
    path("certificates/<int:pk>/", holdings.held, name="held_certificate"),
    path("certificates/<int:pk>/suspend/", holdings.suspend, name="suspend_certificate"),
    path("certificates/<int:pk>/lift/", holdings.lift, name="lift_suspension"),
    path("certificates/<int:pk>/revoke/", holdings.revoke, name="revoke_certificate"),
    path("roots/", roots.listing, name="roots"),
    path("roots/new/", roots.propose, name="propose_root"),
    path("roots/<int:pk>/", roots.root, name="root"),
    path("roots/<int:pk>/enable/", roots.enable, name="enable_root"),
    path("roots/<int:pk>/refuse/", roots.refuse, name="refuse_root"),
    path("roots/<int:pk>/disable/", roots.disable, name="disable_root"),
    path("roots/<int:pk>/lists/", roots.add_list, name="add_root_list"),
    path("freeze/<int:year>/", rounds.freeze, name="freeze"),
    path("<int:pk>/", documents.detail, name="detail"),
    path("<int:pk>/file/", documents.file, name="file"),
    path("<int:pk>/pages/<int:page>/", documents.page, name="page"),
    path("<int:pk>/sign/", signing.room, name="sign"),
    path("<int:pk>/signed/", signing.signed, name="signed"),
    path("<int:pk>/open/", rounds.open_round, name="open"),
    path("<int:pk>/withdraw/", rounds.withdraw, name="withdraw"),
    path("<int:pk>/in-force/", rounds.bring_into_force, name="in_force"),
    path("<int:pk>/close/", rounds.close, name="close"),
    path("<int:pk>/issue/", rounds.issue, name="issue"),
]
