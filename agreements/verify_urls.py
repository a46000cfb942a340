"""The public verification pages."""

from django.urls import path

from agreements.views import verification

urlpatterns = [
    path("", verification.verify, name="verify"),
    path("<slug:token>/", verification.examined, name="examined"),
]
