"""Addresses of assignments: the list, one, and a POST address for each step."""

from django.urls import path

from tasks.views import assignments
from tasks.views.steps import STEPS

app_name = "assignments"

urlpatterns = [
    path("", assignments.listing, name="list"),
    path("<int:pk>/", assignments.detail, name="detail"),
    *(
        path(f"<int:pk>/{name.replace('_', '-')}/", assignments.act, {"name": name}, name=name)
        for name in STEPS
    ),
]
