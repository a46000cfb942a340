"""Addresses of agreements."""

from django.urls import path

from agreements.views import after, amendments, certificates, documents, rounds, signing

app_name = "agreements"

urlpatterns = [
    path("", documents.listing, name="list"),
    path("certificate/", certificates.certificate, name="certificate"),
    path("certificate/request/", certificates.ask, name="ask_certificate"),
    path("certificate/withdraw/", certificates.withdraw, name="withdraw_certificate_request"),
    path("certificates/", certificates.requests, name="certificate_requests"),
    path("certificates/requests/<int:pk>/", certificates.release, name="certificate_request"),
    path("certificates/requests/<int:pk>/refuse/", certificates.refuse, name="refuse_certificate"),
    path("certificates/<int:pk>/revoke/", certificates.revoke, name="revoke_certificate"),
    path("freeze/<int:year>/", rounds.freeze, name="freeze"),
    path("register/", after.register, name="register"),
    path("amendments/<int:pk>/", amendments.amendment, name="amendment"),
    path("amendments/<int:pk>/freeze/", amendments.freeze, name="freeze_amendment"),
    path("amendments/<int:pk>/drop/", amendments.drop, name="drop_amendment"),
    path("amendments/<int:pk>/duties/<str:code>/", amendments.duty, name="amend_duty"),
    path("amendments/<int:pk>/duties/<str:code>/withdraw/", amendments.withdraw_duty, name="withdraw_duty"),
    path("amendments/<int:pk>/duties/<str:code>/keep/", amendments.keep_duty, name="keep_duty"),
    path("<int:pk>/amend/", amendments.propose, name="amend"),
    path("<int:pk>/end/", amendments.end, name="end"),
    path("<int:pk>/", documents.detail, name="detail"),
    path("<int:pk>/drifts/", after.drifts, name="drifts"),
    path("<int:pk>/evidence/", after.evidence, name="evidence"),
    path("<int:pk>/package/", after.package, name="package"),
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
