"""Addresses of indicators: the list, one by its assignment, and its forms."""

from django.urls import path

from tasks.views import indicators

app_name = "indicators"

urlpatterns = [
    path("", indicators.listing, name="list"),
    path("export/", indicators.export, name="export"),
    path("joint/<int:pk>/", indicators.joint, name="joint"),
    path("<int:pk>/", indicators.detail, name="detail"),
    path("<int:pk>/export/", indicators.export_parts, name="export_parts"),
    path("<int:pk>/define/", indicators.define, name="define"),
    path("<int:pk>/distribute/", indicators.distribute, name="distribute"),
    path("<int:pk>/settle/", indicators.settle, name="settle"),
    path("<int:pk>/reopen/", indicators.reopen, name="reopen"),
    path("<int:pk>/enter/", indicators.enter, name="enter"),
    path("<int:pk>/figures/<int:figure_pk>/correct/", indicators.correct, name="correct"),
]
