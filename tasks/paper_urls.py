"""Addresses of entries from paper: a report's, an assignment's, and the scan of one."""

from django.urls import path

from tasks.views import paper_entries

app_name = "paper_entries"

urlpatterns = [
    path("reports/<int:pk>/", paper_entries.report, name="report"),
    path("assignments/<int:pk>/", paper_entries.assignment, name="assignment"),
    path("<int:pk>/", paper_entries.scan, name="scan"),
    path("<int:pk>/recall/", paper_entries.recall, name="recall"),
]
