"""Addresses of a draft's assignments: the board, one more, many at once, sheets."""

from django.urls import path

from tasks.views import draft_sheets, drafts

app_name = "drafting"

urlpatterns = [
    path("<int:year>/", drafts.board, name="board"),
    path("<int:year>/add/", drafts.add, name="add"),
    path("<int:year>/change/", drafts.change, name="change"),
    path("<int:year>/template/", draft_sheets.template, name="template"),
    path("<int:year>/import/", draft_sheets.upload, name="import"),
    path("sheets/<int:pk>/", draft_sheets.detail, name="sheet"),
    path("sheets/<int:pk>/load/", draft_sheets.load, name="load"),
    path("sheets/<int:pk>/discard/", draft_sheets.discard, name="discard"),
]
