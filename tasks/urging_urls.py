"""Addresses of urging: of an assignment, of a report, the contact book, letters."""

from django.urls import path

from tasks.views import urging_letters, urgings

app_name = "urgings"

urlpatterns = [
    path("assignments/<int:pk>/", urgings.urge, {"kind": "assignment"}, name="assignment"),
    path("reports/<int:pk>/", urgings.urge, {"kind": "report"}, name="report"),
    path("contacts/", urgings.contacts, name="contacts"),
    path("contacts/several/", urgings.several, name="several"),
    path("contacts/<slug:code>/", urgings.contact, name="contact"),
    path("contacts/<slug:code>/letter/", urging_letters.write, name="write_letter"),
    path("letters/", urging_letters.listing, name="letters"),
    path("letters/<int:pk>/", urging_letters.detail, name="letter"),
    path("letters/<int:pk>/paper/", urging_letters.paper, name="letter_paper"),
    path("letters/<int:pk>/issue/", urging_letters.issue, name="issue_letter"),
    path("letters/<int:pk>/discard/", urging_letters.discard, name="discard_letter"),
]
