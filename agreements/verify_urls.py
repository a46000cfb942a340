"""The public verification page."""

from django.urls import path

from agreements.views import verification

urlpatterns = [path("", verification.verify, name="verify")]
