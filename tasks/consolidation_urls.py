"""Addresses of the consolidated report of a period: reading, one part to edit, and each step."""

from django.urls import path

from tasks.views import consolidations

app_name = "consolidations"

urlpatterns = [
    path("<int:pk>/", consolidations.detail, name="detail"),
    path("<int:pk>/paper/", consolidations.paper, name="paper"),
    path("<int:pk>/draft/", consolidations.draft, name="draft"),
    path("<int:pk>/parts/<slug:slug>/", consolidations.part, name="part"),
    path("<int:pk>/parts/<slug:slug>/save/", consolidations.save, name="save"),
    path("<int:pk>/parts/<slug:slug>/add/", consolidations.add, name="add"),
    *(
        path(f"<int:pk>/{name.replace('_', '-')}/", consolidations.act, {"name": name}, name=name)
        for name in consolidations.STEPS
    ),
]
