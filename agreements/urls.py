"""Addresses of agreements."""

from django.urls import path

from agreements.views import agents, certificates, documents, papers, rounds, signing, tokens, uploads

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
    path("token/", tokens.token, name="token"),
    path("token/register/", tokens.register, name="register_token"),
    path("tokens/<int:pk>/", tokens.release, name="token_request"),
    path("tokens/<int:pk>/refuse/", tokens.refuse, name="refuse_token"),
    path("tokens/<int:pk>/end/", tokens.end, name="end_token"),
    path("counterparts/<int:pk>/", uploads.counterpart, name="counterpart"),
    path("papers/<int:pk>/", papers.scan, name="paper"),
    path("papers/<int:pk>/confirm/", papers.confirm, name="confirm_paper"),
    path("papers/<int:pk>/refuse/", papers.refuse, name="refuse_paper"),
    path("freeze/<int:year>/", rounds.freeze, name="freeze"),
    path("<int:pk>/", documents.detail, name="detail"),
    path("<int:pk>/file/", documents.file, name="file"),
    path("<int:pk>/pages/<int:page>/", documents.page, name="page"),
    path("<int:pk>/sign/", signing.room, name="sign"),
    path("<int:pk>/upload/", uploads.upload, name="upload"),
    path("<int:pk>/ticket/", agents.ticket, name="ticket"),
    path("agent/v1/prepare/", agents.prepare, name="agent_prepare"),
    path("agent/v1/complete/", agents.complete, name="agent_complete"),
    path("<int:pk>/papers/", papers.papers, name="papers"),
    path("<int:pk>/signed/", signing.signed, name="signed"),
    path("<int:pk>/open/", rounds.open_round, name="open"),
    path("<int:pk>/withdraw/", rounds.withdraw, name="withdraw"),
    path("<int:pk>/in-force/", rounds.bring_into_force, name="in_force"),
    path("<int:pk>/close/", rounds.close, name="close"),
    path("<int:pk>/issue/", rounds.issue, name="issue"),
]
