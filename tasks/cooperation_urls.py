"""Addresses of cooperation: of one agency in one assignment, and a POST address for each step."""

from django.urls import path

from tasks.views import cooperations

app_name = "cooperations"

urlpatterns = [
    path("<int:pk>/", cooperations.detail, name="detail"),
    *(
        path(f"<int:pk>/{name.replace('_', '-')}/", cooperations.act, {"name": name}, name=name)
        for name in cooperations.STEPS
    ),
]
