"""Addresses of agreements."""

from django.urls import path

from agreements.views import (
    after,
    amendments,
    authorisations,
    board,
    certificates,
    documents,
    parties,
    rounds,
    signing,
)

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
    path("<int:pk>/order/", rounds.order, name="order"),
    path("<int:pk>/go-on/", rounds.go_on, name="go_on"),
    path("<int:pk>/end-round/", rounds.end, name="end_round"),
    path("<int:pk>/board/", board.board, name="board"),
    path("<int:pk>/board/tiles/", board.tiles, name="board_tiles"),
    path("<int:pk>/delegate/", parties.delegate, name="delegate"),
    path("<int:pk>/take-back/", parties.take_back, name="take_back"),
    path("<int:pk>/decline/", parties.decline, name="decline"),
    path("<int:pk>/reconsider/", parties.reconsider, name="reconsider"),
    *(
        path(f"<int:pk>/parties/<int:order>/{name}/", parties.note, {"name": name}, name=name)
        for name in parties.NOTES
    ),
    path("authorisations/", authorisations.listing, name="authorisations"),
    path("authorisations/new/", authorisations.grant, name="grant_authorisation"),
    path("authorisations/<int:pk>/file/", authorisations.file, name="authorisation_file"),
    path("authorisations/<int:pk>/revoke/", authorisations.revoke, name="revoke_authorisation"),
]
