"""Addresses of draft versions and consultations."""

from django.urls import path

from agreements.views import consultations, drafts

app_name = "consultations"

urlpatterns = [
    path("", consultations.listing, name="list"),
    path("drafts/<int:year>/", drafts.versions, name="versions"),
    path("drafts/<int:year>/take/", drafts.take, name="take"),
    path("drafts/<int:year>/open/", drafts.open_round, name="open"),
    path("drafts/<int:year>/compare/", drafts.compare, name="compare"),
    path("comments/<int:pk>/", consultations.respond, name="respond"),
    path("comments/<int:pk>/remove/", consultations.remove, name="remove"),
    path("<int:pk>/", consultations.detail, name="detail"),
    path("<int:pk>/comment/", consultations.comment, name="comment"),
    path("<int:pk>/submit/", consultations.submit, name="submit"),
    path("<int:pk>/approve/", consultations.approve, name="approve"),
    path("<int:pk>/send-back/", consultations.send_back, name="send_back"),
    path("<int:pk>/take-back/", consultations.take_back, name="take_back"),
    path("<int:pk>/withdraw/", consultations.withdraw, name="withdraw"),
    path("<int:pk>/extend/", consultations.extend, name="extend"),
    path("<int:pk>/close/", consultations.close, name="close"),
    path("<int:pk>/table/", consultations.table, name="table"),
    path("<int:pk>/export/", consultations.export, name="export"),
    path("<int:pk>/paper/", consultations.paper, name="paper"),
]
