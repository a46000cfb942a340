"""Addresses of schemes of several years and their milestones."""

from django.urls import path

from tasks.views import milestones, schemes

app_name = "schemes"

urlpatterns = [
    path("", schemes.listing, name="list"),
    path("export/", schemes.export, name="export"),
    path("new/", schemes.enter, name="new"),
    path("<int:pk>/", schemes.detail, name="detail"),
    path("<int:pk>/amend/", schemes.amend, name="amend"),
    path("<int:pk>/end/", schemes.end, name="end"),
    path("<int:pk>/plan/", schemes.plan, name="plan"),
    path("milestones/<int:pk>/", milestones.detail, name="milestone"),
    *(
        path(f"milestones/<int:pk>/{name.replace('_', '-')}/", milestones.act, {"name": name}, name=name)
        for name in milestones.STEPS
    ),
]
