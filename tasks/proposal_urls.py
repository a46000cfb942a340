"""Addresses of what agencies propose."""

from django.urls import path

from tasks.views import proposals

app_name = "proposals"

urlpatterns = [
    path("", proposals.listing, name="list"),
    path("gather/<int:year>/", proposals.gather, name="gather"),
    path("<int:pk>/decide/", proposals.decide, name="decide"),
]
