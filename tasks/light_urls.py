"""Addresses of lights: the published rule, and one set by hand."""

from django.urls import path

from tasks.views import lights

app_name = "lights"

urlpatterns = [
    path("", lights.rule, name="rule"),
    path("assignments/<int:pk>/", lights.put, name="put"),
    path("assignments/<int:pk>/lift/", lights.lift, name="lift"),
]
