"""Addresses of requests for extension: the register, asking, one request, and its steps."""

from django.urls import path

from tasks.views import extensions

app_name = "extensions"

urlpatterns = [
    path("", extensions.listing, name="list"),
    path("export/", extensions.export, name="export"),
    path("ask/<int:pk>/", extensions.ask, name="ask"),
    path("<int:pk>/", extensions.detail, name="detail"),
    *(path(f"<int:pk>/{name}/", extensions.act, {"name": name}, name=name) for name in extensions.STEPS),
]
