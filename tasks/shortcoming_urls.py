"""Addresses of the ledger of shortcomings."""

from django.urls import path

from tasks.views import shortcomings

app_name = "shortcomings"

urlpatterns = [
    path("", shortcomings.listing, name="list"),
    path("new/<int:year>/", shortcomings.note, name="note"),
    path("<int:pk>/", shortcomings.detail, name="detail"),
    path("<int:pk>/answer/", shortcomings.answer, name="answer"),
    path("<int:pk>/leave/", shortcomings.leave, name="leave"),
    path("<int:pk>/review/", shortcomings.review, name="review"),
]
