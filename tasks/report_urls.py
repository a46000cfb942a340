"""Addresses of periodic reports: the lists, one, a POST address for each step, and the periods."""

from django.urls import path

from tasks.views import grants, reports
from tasks.views.report_steps import STEPS

app_name = "reports"

urlpatterns = [
    path("", reports.listing, name="list"),
    path("export/", reports.export, name="export"),
    path("grant/", grants.grant, name="grant"),
    path("grant/<int:pk>/revoke/", grants.revoke, name="revoke_grant"),
    path("periods/<int:pk>/", reports.period, name="period"),
    path("periods/<int:pk>/lock/", reports.lock, name="lock_period"),
    path("<int:pk>/", reports.detail, name="detail"),
    path("<int:pk>/paper/", reports.paper, name="paper"),
    path("<int:pk>/save/", reports.save, name="save"),
    path("<int:pk>/submit/", reports.submit, name="submit"),
    *(path(f"<int:pk>/{name.replace('_', '-')}/", reports.act, {"name": name}, name=name) for name in STEPS),
]
