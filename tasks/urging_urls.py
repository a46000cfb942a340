"""Addresses of urging: of an assignment, of a report, and the contact book."""

from django.urls import path

from tasks.views import urgings

app_name = "urgings"

urlpatterns = [
    path("assignments/<int:pk>/", urgings.urge, {"kind": "assignment"}, name="assignment"),
    path("reports/<int:pk>/", urgings.urge, {"kind": "report"}, name="report"),
    path("contacts/", urgings.contacts, name="contacts"),
    path("contacts/<slug:code>/", urgings.contact, name="contact"),
]
