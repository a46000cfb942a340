"""Addresses of standing groups."""

from django.urls import path

from agreements.views import groups

app_name = "groups"

urlpatterns = [
    path("", groups.listing, name="list"),
    path("new/", groups.found, name="new"),
    path("<int:pk>/", groups.detail, name="detail"),
    path("<int:pk>/members/admit/", groups.admit, name="admit"),
    path("<int:pk>/members/<int:member_pk>/release/", groups.release, name="release"),
    path("<int:pk>/end/", groups.end, name="end"),
    path("<int:pk>/plan/new/", groups.add, name="add"),
    path("<int:pk>/plan/<int:item_pk>/", groups.item, name="item"),
    path("<int:pk>/plan/<int:item_pk>/edit/", groups.edit, name="edit"),
    path("<int:pk>/plan/<int:item_pk>/report/", groups.report, name="report"),
    path("<int:pk>/plan/<int:item_pk>/drop/", groups.drop, name="drop"),
]
